using OrtDpo.Autodiff.Building;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Runtime.Models;

/// <summary>
/// A model's parameters where sessions read them, by their Hugging Face names. Those of a model that does not train stay where they are
/// mapped, in the type of the file, or are in 4 bits and become float32 while a fragment that reads them runs; those of one that trains are
/// float32: mapped, or converted once into masters.
/// </summary>
public sealed class ModelParameters : IDisposable
{
    readonly ModelFolder folder;
    readonly bool ownsFolder;
    readonly MemoryPool pool;
    readonly QuantizedBase? quantized;
    readonly Dictionary<string, DeviceTensor> tensors = new(StringComparer.Ordinal);

    ModelParameters(ModelFolder folder, MemoryPool pool, bool ownsFolder)
    {
        this.folder = folder;
        this.pool = pool;
        this.ownsFolder = ownsFolder;
        quantized = folder.Quantized;
        if (quantized is not null)
        {
            if (!pool.IsDry)
            {
                quantized.Prepare(Math.Max(1, OrtProcess.Threads));
            }

            var mapped = quantized.Weights.Values.Sum(weight => weight.MappedBytes);
            pool.ChargeOutside(MemoryPurpose.WeightsMapped, mapped, isOwn: false);
            pool.ChargeOutside(MemoryPurpose.WeightsQuantized, quantized.Bytes - mapped, isOwn: true);
        }

        foreach (var name in folder.Parameters.Where(name => !IsQuantized(name)))
        {
            tensors.Add(name, Tensor(name, folder.Find(name)!));
        }

        Tables = Model.Tables().ToDictionary(t => t.Name, Table, StringComparer.Ordinal);
    }

    /// <summary>The model that they are of.</summary>
    public DecoderModel Model => folder.Model;

    public string Path => folder.Path;

    /// <summary>Whether training changes the parameter, which is then float32.</summary>
    public bool Trains(string name) => folder.Trains(name);

    /// <summary>Names in the order of the forward pass.</summary>
    public IReadOnlyList<string> Names => folder.Parameters;

    /// <summary>Whether the parameter is in 4 bits, and a tensor only as <see cref="Dequantised"/> makes one.</summary>
    public bool IsQuantized(string name) => quantized?.Find(name) is not null;

    /// <summary>A parameter that is not in 4 bits, in the type that it is held in.</summary>
    public DeviceTensor this[string name] => tensors[name];

    /// <summary>The fragments' inputs that follow from the configuration, by name.</summary>
    public IReadOnlyDictionary<string, DeviceTensor> Tables { get; }

    /// <summary>Opens a model folder: read-only to score, copy-on-write to train.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="mapping">Whether sessions may change its weights.</param>
    /// <param name="pool">Where converted weights lie; outlives the parameters.</param>
    /// <param name="maxLength">The run's bound on a sequence, in tokens; null: the model's.</param>
    public static ModelParameters Open(string path, WeightMapping mapping, MemoryPool pool, int? maxLength = null)
    {
        var folder = ModelFolder.Open(path, mapping);
        folder.FixMaxLength(maxLength ?? folder.Model.Sizes.MaxPositions);
        return new ModelParameters(folder, pool, ownsFolder: true);
    }

    /// <summary>The parameters of a folder that is open, and outlives them.</summary>
    public static ModelParameters Of(ModelFolder folder, MemoryPool pool) => new(folder, pool, ownsFolder: false);

    /// <summary>A view of lines of the matrix <paramref name="name"/>, in the type that it is held in.</summary>
    public DeviceTensor Lines(string name, int first, int count) => tensors[name].Rows(first, count);

    /// <summary>float32 copies of parameters that are in 4 bits, for whoever reads them next; the caller disposes them.</summary>
    public Dictionary<string, DeviceTensor> Dequantised(IEnumerable<string> names, MemoryPool pool)
    {
        var copies = names.Distinct().ToDictionary(
            name => name,
            name => DeviceTensor.Rent(pool, MemoryPurpose.WeightsConverted, DataType.Float32, folder.Find(name)!.Shape),
            StringComparer.Ordinal);
        if (!pool.IsDry)
        {
            QuantizedCopies.Make([.. copies.Select(copy => (quantized!.Find(copy.Key)!, ((HostTensor)copy.Value).Pointer))]);
        }

        return copies;
    }

    public void Dispose()
    {
        tensors.DisposeAll();
        Tables.DisposeAll();
        if (ownsFolder)
        {
            folder.Dispose();
        }
    }

    DeviceTensor Tensor(string name, TensorEntry entry)
    {
        var type = entry.Type switch
        {
            WeightType.BF16 => DataType.BFloat16,
            WeightType.F16 => DataType.Float16,
            _ => DataType.Float32,
        };
        var trains = folder.Trains(name);
        // The format allows any address; kernels do not.
        var isHost = pool.Device.IsHost;
        var isUsableInPlace = isHost && (!trains || (type == DataType.Float32 && folder.IsWritable(name)))
            && folder.Address(name) % type.Size() == 0;
        if (isUsableInPlace)
        {
            pool.ChargeOutside(trains ? MemoryPurpose.Masters : MemoryPurpose.WeightsMapped, entry.ByteCount, isOwn: trains);
            return HostTensor.View(folder.Address(name), type, entry.Shape);
        }

        var tensor = DeviceTensor.Rent(
            pool, trains ? MemoryPurpose.Masters : MemoryPurpose.WeightsConverted, isHost || trains ? DataType.Float32 : type, entry.Shape);
        if (!pool.IsDry)
        {
            Fill(tensor, folder.Address(name), entry);
            folder.Release(name);
        }

        return tensor;
    }

    // Numbers become float32 on the host, a part at a time where they go to another device.
    static void Fill(DeviceTensor tensor, nint source, TensorEntry entry)
    {
        const int Part = 4 << 20;
        if (tensor is HostTensor host)
        {
            WeightConversion.ToFloat32(source, entry, host.Pointer);
        }
        else if (tensor.Bytes == entry.ByteCount)
        {
            tensor.Write(source);
        }
        else
        {
            using var part = NativeBlock.Allocate(Math.Min(Part, tensor.Elements) * sizeof(float));
            for (var done = 0L; done < tensor.Elements; done += Part)
            {
                var count = Math.Min(Part, tensor.Elements - done);
                var piece = entry with { Shape = [count] };
                WeightConversion.ToFloat32(source + (nint)(done * entry.Type.ByteSize()), piece, part.Address);
                using var target = tensor.Flat(done, count);
                target.Write(part.Address);
            }
        }
    }

    DeviceTensor Table(ModelTable table)
    {
        var shape = table.Shape.Evaluate(new Dictionary<string, long>());
        var tensor = DeviceTensor.Rent(pool, DataType.Float32, shape);
        // In parts: tables of long contexts are tens of megabytes.
        var done = 0;
        foreach (var part in pool.IsDry ? [] : table.Values.Chunk(1 << 16))
        {
            using var target = tensor.Flat(done, part.Length);
            target.Write<float>(Array.ConvertAll(part, value => (float)value));
            done += part.Length;
        }

        return tensor;
    }
}
