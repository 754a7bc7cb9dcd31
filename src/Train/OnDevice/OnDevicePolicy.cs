using OrtDpo.Artifacts.Graphs;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Safetensors;
using OrtDpo.Training;
using OrtDpo.Training.Remote;

namespace OrtDpo.Train.OnDevice;

/// <summary>
/// The policy as artifacts of ONNX Runtime's on-device training in a temporary folder, trained by the engine's program. Checkpoints are
/// those of the step engine to the name: either engine goes on with the other's run.
/// </summary>
sealed class OnDevicePolicy : ITrainingEngine
{
    readonly ModelFolder folder;
    readonly IReadOnlyList<HostFile> beside;
    readonly WeightType saveType;
    readonly string temporary;
    readonly EngineProcess process;
    readonly RemoteEngine engine;

    OnDevicePolicy(TrainRequest request, PreparedRun run, IReadOnlyList<HostFile> beside, string library, string temporary)
    {
        (folder, this.beside, saveType, this.temporary) = (run.Policy.Folder, beside, request.SaveDtype, temporary);
        var artifacts = Path.Combine(temporary, "artifacts");
        var update = run.Plan.UpdateOf(1, skipped: 0);
        ArtifactWriter.Write(folder, run.Policy.MaxLength, Options(update), artifacts);
        (process, engine) = EngineProcess.Start(new OnDeviceSetup
        {
            Library = library,
            Artifacts = artifacts,
            Temporary = temporary,
            Threads = request.Threads,
            VocabularySize = folder.Model.Sizes.VocabSize,
            Layout = folder.Model.Layout,
            IsAdapter = folder.Model is AdaptedModel,
            SaveType = request.SaveDtype.ToString(),
            Update = update,
        });
    }

    /// <summary>Makes the artifacts and starts the program.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="run">The run, whose optimizer's numbers are fixed in the artifacts.</param>
    /// <param name="beside">What stands beside the weights of a checkpoint.</param>
    /// <exception cref="FileNotFoundException">The native library is not there, or the program.</exception>
    /// <exception cref="NotSupportedException">The engine, or the library, does not do what is asked for.</exception>
    public static OnDevicePolicy Open(TrainRequest request, PreparedRun run, IReadOnlyList<HostFile> beside)
    {
        OnDeviceChecks.Require(request, run);
        // Before the artifacts, which take time and space.
        var library = TrainingLibrary.Find(request.OnDeviceLibrary, EngineProcess.ProgramFolder);
        var temporary = Directory.CreateTempSubdirectory("ortdpo-on-device-").FullName;
        try
        {
            return new OnDevicePolicy(request, run, beside, library, temporary);
        }
        catch
        {
            Remove(temporary);
            throw;
        }
    }

    public int VocabularySize => engine.VocabularySize;

    public BatchLayout Layout => engine.Layout;

    /// <summary>Bytes of a checkpoint; but for headers of some kilobytes.</summary>
    public long CheckpointBytes
    {
        get
        {
            var count = OnDeviceChecks.TrainedBytes(folder) / sizeof(float);
            var masters = saveType == WeightType.F32 ? 0 : sizeof(float);
            return (count * (saveType.ByteSize() + (2 * sizeof(float)) + masters)) + CheckpointFiles.Bytes(beside);
        }
    }

    public float[] Score(PackedBatch batch) => engine.Score(batch);

    public TokenScores ScoreTokens(PackedBatch batch) => engine.ScoreTokens(batch);

    public float[] Accumulate(PackedBatch batch, Func<float[], float[]> slopes) => engine.Accumulate(batch, slopes);

    public OptimizerResult Apply(OptimizerStep update) => engine.Apply(update);

    public void WriteState(string folder)
    {
        engine.WriteState(folder);
        CheckpointFiles.Write(folder, this.folder.Model, beside);
    }

    public void ReadState(string folder) => engine.ReadState(folder);

    public void Dispose()
    {
        engine.Dispose();
        process.Dispose();
        Remove(temporary);
    }

    // The engine's process has done so, unless it did not come that far.
    static void Remove(string temporary)
    {
        if (Directory.Exists(temporary))
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    ArtifactOptions Options(OptimizerStep update) => new()
    {
        Optimizer = new ArtifactOptimizer
        {
            Beta1 = update.Beta1,
            Beta2 = update.Beta2,
            Epsilon = update.Epsilon,
            WeightDecay = update.WeightDecay,
            MaxGradNorm = update.MaxGradNorm,
        },
        ExternalData = OnDeviceChecks.AreWeightsBeside(folder),
    };
}
