using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Quantized;
using OrtDpo.Runtime.Rows;
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
    readonly Dictionary<string, DeviceQuantizedWeight> deviceQuantized = [];
    readonly DeviceDequantiser? dequantiser;
    readonly Dictionary<string, DeviceTensor> tensors = new(StringComparer.Ordinal);
    // Of what trains and is read in another type.
    readonly Dictionary<string, DeviceTensor> masters = new(StringComparer.Ordinal);

    ModelParameters(ModelFolder folder, MemoryPool pool, DataType compute, bool ownsFolder)
    {
        if (compute != DataType.Float32 && pool.Device.IsHost)
        {
            throw new NotSupportedException(
                $"The processor computes in float32; {compute} needs a GPU. Choose a `Device`, or float32.");
        }

        this.folder = folder;
        this.pool = pool;
        Compute = compute;
        Casts = new ComputeCast(compute);
        RowAdder = RowAdder.Of(pool.Device);
        this.ownsFolder = ownsFolder;
        quantized = folder.Quantized;
        if (quantized is not null)
        {
            if (!pool.IsDry)
            {
                quantized.Prepare(Math.Max(1, OrtProcess.Threads));
            }

            if (pool.Device.IsHost)
            {
                var mapped = quantized.Weights.Values.Sum(weight => weight.MappedBytes);
                pool.ChargeOutside(MemoryPurpose.WeightsMapped, mapped, isOwn: false);
                pool.ChargeOutside(MemoryPurpose.WeightsQuantized, quantized.Bytes - mapped, isOwn: true);
            }
            else
            {
                deviceQuantized = quantized.Weights.ToDictionary(
                    weight => weight.Key, weight => DeviceQuantizedWeight.Of(weight.Value, pool), StringComparer.Ordinal);
                dequantiser = new DeviceDequantiser(compute);
            }
        }

        foreach (var name in folder.Parameters.Where(name => !IsQuantized(name)))
        {
            tensors.Add(name, Tensor(name, folder.Find(name)!));
            if (tensors[name].Type != ReadType(name) && Trains(name))
            {
                masters.Add(name, tensors[name]);
                tensors[name] = DeviceTensor.Rent(pool, MemoryPurpose.ComputeCopies, Compute, tensors[name].Shape);
                Refresh(name);
            }
        }

        Tables = Model.Tables().ToDictionary(t => t.Name, Table, StringComparer.Ordinal);
    }

    /// <summary>The model that they are of.</summary>
    public DecoderModel Model => folder.Model;

    public string Path => folder.Path;

    /// <summary>The type that graphs compute in: float32, or on a GPU bfloat16.</summary>
    public DataType Compute { get; }

    /// <summary>Casts between that type and sums.</summary>
    public ComputeCast Casts { get; }

    /// <summary>Adds rows to gradients on the parameters' device.</summary>
    public RowAdder RowAdder { get; }

    /// <summary>Whether training changes the parameter, which is then float32.</summary>
    public bool Trains(string name) => folder.Trains(name);

    /// <summary>Names in the order of the forward pass.</summary>
    public IReadOnlyList<string> Names => folder.Parameters;

    /// <summary>Whether the parameter is in 4 bits, and a tensor only as <see cref="Dequantised"/> makes one.</summary>
    public bool IsQuantized(string name) => quantized?.Find(name) is not null;

    /// <summary>A parameter that is not in 4 bits, in the type that graphs read it in.</summary>
    public DeviceTensor this[string name] => tensors[name];

    /// <summary>The same where an optimizer changes it: float32.</summary>
    public DeviceTensor Master(string name) => masters.GetValueOrDefault(name, tensors[name]);

    /// <summary>The copy that graphs read of a master, which an optimizer writes too; null where they read the master itself.</summary>
    public DeviceTensor? CopyOf(string name) => masters.ContainsKey(name) ? tensors[name] : null;

    /// <summary>Makes what graphs read of a parameter that of its master, where they are two.</summary>
    public void Refresh(string name)
    {
        if (masters.TryGetValue(name, out var master))
        {
            Casts.Write(master, tensors[name], pool);
        }
    }

    /// <summary>What makes graphs over parameters compute in <see cref="Compute"/>.</summary>
    /// <param name="names">From graph input to parameter.</param>
    public PrecisionPass Precision(IReadOnlyDictionary<string, string> names) =>
        new(Compute, names.Where(n => !IsQuantized(n.Value) && ReadType(n.Value) == DataType.Float32).Select(n => n.Key));

    /// <summary>The fragments' inputs that follow from the configuration, by name.</summary>
    public IReadOnlyDictionary<string, DeviceTensor> Tables { get; }

    /// <summary>Opens a model folder: read-only to score, copy-on-write to train.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="mapping">Whether sessions may change its weights.</param>
    /// <param name="pool">Where converted weights lie; outlives the parameters.</param>
    /// <param name="maxLength">The run's bound on a sequence, in tokens; null: the model's.</param>
    /// <param name="compute">The type that graphs compute in.</param>
    public static ModelParameters Open(
        string path, WeightMapping mapping, MemoryPool pool, int? maxLength = null, DataType compute = DataType.Float32)
    {
        var folder = ModelFolder.Open(path, mapping);
        folder.FixMaxLength(maxLength ?? folder.Model.Sizes.MaxPositions);
        return new ModelParameters(folder, pool, compute, ownsFolder: true);
    }

    /// <summary>The parameters of a folder that is open, and outlives them.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="pool">Where converted weights lie; outlives the parameters.</param>
    /// <param name="compute">The type that graphs compute in.</param>
    public static ModelParameters Of(ModelFolder folder, MemoryPool pool, DataType compute = DataType.Float32) =>
        new(folder, pool, compute, ownsFolder: false);

    /// <summary>A view of lines of the matrix <paramref name="name"/>, in the type that it is held in.</summary>
    public DeviceTensor Lines(string name, int first, int count) => tensors[name].Rows(first, count);

    /// <summary>
    /// Copies of parameters that are in 4 bits, in the type that graphs compute in, for whoever reads them next; the caller disposes them.
    /// </summary>
    public Dictionary<string, DeviceTensor> Dequantised(IEnumerable<string> names, MemoryPool pool)
    {
        var copies = names.Distinct().ToDictionary(
            name => name,
            name => DeviceTensor.Rent(pool, MemoryPurpose.WeightsConverted, Compute, folder.Find(name)!.Shape),
            StringComparer.Ordinal);
        if (dequantiser is not null)
        {
            foreach (var (name, copy) in copies)
            {
                dequantiser.Make(deviceQuantized[name], copy, pool);
            }
        }
        else if (!pool.IsDry)
        {
            HostDequantiser.Make([.. copies.Select(copy => (quantized!.Find(copy.Key)!, ((HostTensor)copy.Value).Pointer))]);
        }

        return copies;
    }

    public void Dispose()
    {
        tensors.DisposeAll();
        masters.DisposeAll();
        Casts.Dispose();
        RowAdder.Dispose();
        dequantiser?.Dispose();
        foreach (var weight in deviceQuantized.Values)
        {
            weight.Dispose();
        }

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

        // On a device that computes in float32 weights keep the type of the file, and are widened where they are read.
        var held = isHost || trains ? DataType.Float32 : Compute == DataType.Float32 ? type : ReadType(name);
        var tensor = DeviceTensor.Rent(pool, trains ? MemoryPurpose.Masters : MemoryPurpose.WeightsConverted, held, entry.Shape);
        if (!pool.IsDry)
        {
            Fill(tensor, type, folder.Address(name), entry);
            folder.Release(name);
        }

        return tensor;
    }

    // What graphs that compute in 16 bits read in float32 all the same: vectors, which are small and move in steps of their type (the
    // scales of norms), and an adapter's matrices, whose products are rounded in the graph.
    DataType ReadType(string name) =>
        Compute == DataType.Float32 || folder.Find(name)!.Shape.Length < 2 || LowRankTerm.IsFactor(name) ? DataType.Float32 : Compute;

    // Numbers change their type on the host, a part at a time where they go to another device.
    static unsafe void Fill(DeviceTensor tensor, DataType stored, nint source, TensorEntry entry)
    {
        const int Part = 4 << 20;
        if (tensor is HostTensor host)
        {
            WeightConversion.ToFloat32(source, entry, host.Pointer);
            return;
        }

        if (tensor.Type == stored)
        {
            tensor.Write(source);
            return;
        }

        using var part = NativeBlock.Allocate(Math.Min(Part, tensor.Elements) * sizeof(float));
        using var narrow = NativeBlock.Allocate(Math.Min(Part, tensor.Elements) * sizeof(ushort));
        foreach (var (start, count) in Slices.Of(tensor.Elements, Part))
        {
            var size = entry.Type.ByteSize();
            WeightConversion.ToFloat32(source + (nint)(start * size), entry with { ByteCount = count * size }, part.Address);
            using var target = tensor.Flat(start, count);
            if (tensor.Type == DataType.Float32)
            {
                target.Write(part.Address);
            }
            else
            {
                FloatNarrowing.Narrow(
                    entry.Name, new ReadOnlySpan<float>((void*)part.Address, (int)count), WeightType.BF16,
                    new Span<byte>((void*)narrow.Address, (int)count * sizeof(ushort)));
                target.Write(narrow.Address);
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

        return Casts.ToCompute(tensor, MemoryPurpose.Staging, pool);
    }
}
