using OrtDpo.Adapters;
using OrtDpo.Autodiff.Building;
using OrtDpo.Runs;
using OrtDpo.Runtime.Memory;
using OrtDpo.Safetensors;
using OrtDpo.Training;

namespace OrtDpo.Train.Engine;

/// <summary>
/// The engine's part of a checkpoint: what trains, as <c>model.safetensors</c> or <c>adapter_model.safetensors</c>, and AdamW's moments in
/// <c>optimizer.safetensors</c>; with them the float32 weights where it is saved in 16 bits, since these are what trains.
/// </summary>
/// <param name="isAdapter">Whether an adapter trains.</param>
sealed class EngineState(bool isAdapter)
{
    string WeightsFile => isAdapter ? AdapterFile.FileName : ShardedWeights.SingleFile;

    public void Write(string folder, IEnumerable<TrainedParameter> parameters, WeightType type)
    {
        var all = parameters.ToList();
        var weights = all.Select(p => Source(p.Name, p.Weight) with { SavedAs = type });
        AtomicFile.Write(Path.Combine(folder, WeightsFile), file =>
        {
            if (isAdapter)
            {
                AdapterFile.Write(file, weights);
            }
            else
            {
                SafetensorsWriter.Write(file, weights);
            }
        });
        var moments = all.SelectMany(p => (TensorSource[])
        [
            .. Moments(p).Select(part => Source(part.Name, part.Tensor)),
            .. type == WeightType.F32 ? Array.Empty<TensorSource>() : [Source($"{p.Name}.{EngineFiles.Master}", p.Weight)],
        ]);
        AtomicFile.Write(Path.Combine(folder, EngineFiles.Moments), file => SafetensorsWriter.Write(file, moments));
    }

    /// <summary>Bytes that <see cref="Write"/> writes of a parameter, without names and shapes.</summary>
    public static long BytesOf(TrainedParameter parameter, WeightType type) =>
        (parameter.Weight.Elements * type.ByteSize()) + Moments(parameter).Sum(part => part.Tensor.Bytes)
        + (type == WeightType.F32 ? 0 : parameter.Weight.Bytes);

    /// <summary>Checks that the weights can be saved in <paramref name="type"/>.</summary>
    /// <exception cref="InvalidDataException">One is too large; the message names it.</exception>
    public static void RequireSavable(IEnumerable<TrainedParameter> parameters, WeightType type)
    {
        const long Part = 1 << 20;
        foreach (var parameter in type == WeightType.F32 ? [] : parameters)
        {
            foreach (var (start, length) in Slices.Of(parameter.Weight.Elements, Part))
            {
                using var part = parameter.Weight.Flat(start, length);
                FloatNarrowing.RequireFits(parameter.Name, part is HostTensor host ? host.Span<float>() : part.ToArray<float>(), type);
            }
        }
    }

    public void Read(string folder, IEnumerable<TrainedParameter> parameters)
    {
        using var weights = SafetensorsFile.Open(Path.Combine(folder, WeightsFile));
        using var moments = SafetensorsFile.Open(Path.Combine(folder, EngineFiles.Moments));
        foreach (var parameter in parameters)
        {
            RequireSameOptimizer(moments, parameter);
            var master = $"{parameter.Name}.{EngineFiles.Master}";
            var hasMaster = moments.Tensors.ContainsKey(master);
            Load(hasMaster ? moments : weights, hasMaster ? master : SavedName(parameter.Name), parameter.Weight);
            foreach (var (name, tensor) in Moments(parameter))
            {
                Load(moments, name, tensor);
            }

            parameter.Gradient.Clear();
        }
    }

    string SavedName(string name) => isAdapter ? AdapterFile.Prefix + name : name;

    static IEnumerable<(string Name, DeviceTensor Tensor)> Moments(TrainedParameter parameter) =>
        parameter.FirstMoment.Parts.Concat(parameter.SecondMoment.Parts);

    static TensorSource Source(string name, DeviceTensor tensor) => tensor is HostTensor host
        ? new(name, TypeOf(tensor), tensor.Shape, host.Pointer)
        : new(name, TypeOf(tensor), tensor.Shape, Address: 0) { Reader = tensor.ReadBytes };

    static WeightType TypeOf(DeviceTensor tensor) => tensor.Type switch
    {
        DataType.Int8 => WeightType.I8,
        DataType.UInt8 => WeightType.U8,
        _ => WeightType.F32,
    };

    static void RequireSameOptimizer(SafetensorsFile moments, TrainedParameter parameter)
    {
        var (plain, codes) = ($"{parameter.Name}.{EngineFiles.FirstMoment}", $"{parameter.Name}.{EngineFiles.FirstMoment}{Moment.Codes}");
        if (moments.Tensors.ContainsKey(parameter.HasCodes ? plain : codes))
        {
            var (found, expected) = parameter.HasCodes ? ("float32", "8 bits") : ("8 bits", "float32");
            var optimizer = parameter.HasCodes ? Optimizer.AdamW : Optimizer.AdamW8Bit;
            throw new InvalidDataException(
                $"{moments.Path}: the moments of '{parameter.Name}' are in {found}, and this run has them in {expected}; "
                + $"go on with `Optimizer` {optimizer.ConfigName()}.");
        }
    }

    static void Load(SafetensorsFile file, string name, DeviceTensor target)
    {
        if (!file.Tensors.TryGetValue(name, out var entry))
        {
            throw new InvalidDataException($"{file.Path}: tensor '{name}' is missing. The checkpoint belongs to another model.");
        }

        if (entry.Type != TypeOf(target) || !entry.Shape.SequenceEqual(target.Shape))
        {
            throw new InvalidDataException(
                $"{file.Path}: tensor '{name}' is {entry.Type} [{string.Join(", ", entry.Shape)}]; "
                + $"expected {TypeOf(target)} [{string.Join(", ", target.Shape)}].");
        }

        target.Write(file.Address(entry));
    }
}
