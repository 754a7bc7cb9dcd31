using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Devices;

namespace OrtDpo.Train.OnDevice;

/// <summary>What the on-device engine does not do, in sentences.</summary>
static class OnDeviceChecks
{
    // What FlatBuffers leave of 2 GB, the names off: ONNX Runtime saves moments within the file of a checkpoint, wherever its weights lie.
    const long LargestState = int.MaxValue - (64L << 20);

    // Of two moments, float32.
    const int MomentBytes = 8;

    /// <summary>Refuses what was asked for and has no effect with this engine.</summary>
    /// <exception cref="NotSupportedException">Something was; the message says what.</exception>
    public static void Require(TrainRequest request, PreparedRun run)
    {
        if (request.Device != DeviceChoice.Cpu)
        {
            throw Refused($"`Device` is {request.Device.Name}", "runs on the processor alone");
        }

        if (run.Dtype != ComputeDtype.Float32)
        {
            throw Refused($"`Dtype` is {run.Dtype.ConfigName()}", "computes in float32 alone");
        }

        if (!request.Base.IsAsStored)
        {
            throw Refused($"`Base` is {request.Base.Name}", "holds all weights in float32");
        }

        if (run.Policy.BaseForm is { } form)
        {
            throw new NotSupportedException($"The weights of {request.Model} are held {BaseWeights.Describe(form)}, and `Engine` "
                + $"{EngineKind.OnDevice.ConfigName()} holds all weights in float32. Train with `Engine` {EngineKind.Step.ConfigName()}.");
        }

        if (request.Optimizer != Optimizer.AdamW)
        {
            throw Refused($"`Optimizer` is {request.Optimizer.ConfigName()}", "keeps moments in float32");
        }

        if (request.Memory != ActivationMemory.Auto)
        {
            throw Refused("`Memory` is given", "keeps what ONNX Runtime keeps");
        }

        if (request.Force)
        {
            throw Refused("`Force` is given", "plans no memory that it could exceed");
        }

        request.Offload.RequireEffect(Device.Cpu);
        if (request.Options.Sampling.AreAsked)
        {
            var name = request.Options.Sampling.SamplePrompts is null ? "`Samples`" : "`SamplePrompts`";
            throw Refused($"{name} is given", "scores, and makes no text");
        }

        RequireState(run.Policy.Folder);
    }

    /// <summary>Bytes of the parameters that train, in float32.</summary>
    public static long TrainedBytes(ModelFolder folder) => Bytes(folder, folder.Trains);

    /// <summary>
    /// Whether the weights lie beside a checkpoint's file, and not in it: where with the moments they would not have room there.
    /// </summary>
    public static bool AreWeightsBeside(ModelFolder folder) => Bytes(folder, _ => true) + (2 * TrainedBytes(folder)) > LargestState;

    static void RequireState(ModelFolder folder)
    {
        var most = LargestState / MomentBytes;
        if (TrainedBytes(folder) / sizeof(float) is var count && count > most)
        {
            throw new NotSupportedException(FormattableString.Invariant($"{folder.Path} has {count} parameters that train, and `Engine` ")
                + FormattableString.Invariant($"{EngineKind.OnDevice.ConfigName()} saves the state of at most {most}: its format ends at ")
                + $"2 GB. Train an adapter (`Lora`), or with `Engine` {EngineKind.Step.ConfigName()}.");
        }
    }

    static long Bytes(ModelFolder folder, Func<string, bool> counts) => folder.Model.Parameters
        .Where(parameter => counts(parameter.Name))
        .Sum(parameter => parameter.Shape.Aggregate((long)sizeof(float), (bytes, size) => bytes * size));

    static NotSupportedException Refused(string found, string what) => new(
        $"{found}, and `Engine` {EngineKind.OnDevice.ConfigName()} {what}. Leave it out, or train with `Engine` "
        + $"{EngineKind.Step.ConfigName()}.");
}
