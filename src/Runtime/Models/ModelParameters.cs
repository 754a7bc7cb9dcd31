using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Quantized;
using OrtDpo.Runtime.Rows;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Runtime.Streaming;
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
    readonly ParameterTypes types;
    readonly FourBitWeights? quantized;
    readonly EmbeddingLookup? lookup;
    readonly LayerStream? stream;
    readonly Dictionary<string, DeviceTensor> tensors = new(StringComparer.Ordinal);
    // Of what trains and is read in another type.
    readonly Dictionary<string, DeviceTensor> masters = new(StringComparer.Ordinal);

    ModelParameters(ModelFolder folder, MemoryPool pool, ComputeDtype dtype, Offload offload, bool ownsFolder)
    {
        if (offload != Offload.None && pool.Device.IsHost)
        {
            throw new NotSupportedException(Offloads.OnHost(offload));
        }

        if (dtype != ComputeDtype.Float32 && pool.Device.IsHost)
        {
            throw new NotSupportedException(
                $"The processor computes in float32; {dtype.ConfigName()} needs a GPU. Choose a `Device`, or float32.");
        }

        this.folder = folder;
        this.pool = pool;
        Dtype = dtype;
        Casts = new ComputeCast(Compute);
        RowAdder = RowAdder.Of(pool.Device);
        this.ownsFolder = ownsFolder;
        types = new ParameterTypes(folder, Compute, pool.Device.IsHost);
        if (!pool.IsDry)
        {
            folder.Quantized?.Prepare(Math.Max(1, OrtProcess.Threads));
        }

        // What is refused before anything is copied.
        lookup = offload.HasFlag(Offload.Embeddings) ? new EmbeddingLookup(folder, types) : null;
        stream = offload.HasFlag(Offload.Layers) ? new LayerStream(folder, types, pool) : null;
        try
        {
            quantized = folder.Quantized is { } weights ? new FourBitWeights(weights, pool, Compute, stream) : null;
            Place();
            Tables = TableTensors.Of(Model, Casts, pool);
        }
        catch
        {
            // What is pinned is no pool's, which would take it back.
            stream?.Dispose();
            throw;
        }
    }

    /// <summary>The model that they are of.</summary>
    public DecoderModel Model => folder.Model;

    public string Path => folder.Path;

    /// <summary>The type that products compute in: float32, or on a GPU bfloat16.</summary>
    public ComputeDtype Dtype { get; }

    /// <summary>The same as graphs have it.</summary>
    public DataType Compute => Dtype.ElementType();

    /// <summary>Casts between that type and sums.</summary>
    public ComputeCast Casts { get; }

    /// <summary>Adds rows to gradients on the parameters' device.</summary>
    public RowAdder RowAdder { get; }

    /// <summary>Whether training changes the parameter, which is then float32.</summary>
    public bool Trains(string name) => folder.Trains(name);

    /// <summary>Names in the order of the forward pass.</summary>
    public IReadOnlyList<string> Names => folder.Parameters;

    /// <summary>Whether the parameter is in 4 bits, and a tensor only as <see cref="Dequantised"/> makes one.</summary>
    public bool IsQuantized(string name) => quantized?.Has(name) == true;

    /// <summary>A parameter that is not in 4 bits, in the type that graphs read it in.</summary>
    /// <exception cref="InvalidOperationException">It streams, and its layer was not entered.</exception>
    public DeviceTensor this[string name] => stream?.Has(name) == true ? stream.Tensor(name) : tensors[name];

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
        new(Compute, names.Where(n => !IsQuantized(n.Value) && types.Read(n.Value) == DataType.Float32).Select(n => n.Key));

    /// <summary>
    /// Has a layer's weights where graphs read them until the result is disposed, after the last graph that reads them was run.
    /// </summary>
    /// <param name="layer">The layer's number.</param>
    /// <param name="next">The one that comes after it; null: nobody knows.</param>
    /// <returns>Null where they always are.</returns>
    public IDisposable? Enter(int layer, int? next) => stream?.Enter(layer, next);

    /// <summary>The model's embedding as it runs with these parameters.</summary>
    /// <param name="fragment">The model's own.</param>
    public Fragment Embedding(Fragment fragment) => lookup is null ? fragment : EmbeddingLookup.Cut(fragment);

    /// <summary>
    /// What <see cref="Embedding"/> reads of a batch beside its ids; the caller disposes it. Null where it reads the matrix itself.
    /// </summary>
    /// <param name="ids">The batch's tokens, <c>[B · S]</c>.</param>
    /// <param name="shape">B and S.</param>
    /// <param name="pool">Where it lies.</param>
    public DeviceTensor? EmbeddedRows(long[] ids, ReadOnlySpan<long> shape, MemoryPool pool) => lookup?.Rows(ids, shape, pool);

    /// <summary>The fragments' inputs that follow from the configuration, by name.</summary>
    public IReadOnlyDictionary<string, DeviceTensor> Tables { get; }

    /// <summary>Opens a model folder: read-only to score, copy-on-write to train.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="mapping">Whether sessions may change its weights.</param>
    /// <param name="pool">Where converted weights lie; outlives the parameters.</param>
    /// <param name="maxLength">The run's bound on a sequence, in tokens; null: the model's.</param>
    /// <param name="dtype">The type that products compute in.</param>
    /// <param name="offload">What stays in the host's memory.</param>
    public static ModelParameters Open(
        string path, WeightMapping mapping, MemoryPool pool, int? maxLength = null, ComputeDtype dtype = ComputeDtype.Float32,
        Offload offload = Offload.None)
    {
        var folder = ModelFolder.Open(path, mapping);
        try
        {
            folder.FixMaxLength(maxLength ?? folder.Model.Sizes.MaxPositions);
            return new ModelParameters(folder, pool, dtype, offload, ownsFolder: true);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The parameters of a folder that is open, and outlives them.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="pool">Where converted weights lie; outlives the parameters.</param>
    /// <param name="dtype">The type that products compute in.</param>
    /// <param name="offload">What stays in the host's memory.</param>
    /// <exception cref="NotSupportedException">What is offloaded has to lie on the device; the message says why.</exception>
    public static ModelParameters Of(
        ModelFolder folder, MemoryPool pool, ComputeDtype dtype = ComputeDtype.Float32, Offload offload = Offload.None) =>
        new(folder, pool, dtype, offload, ownsFolder: false);

    /// <summary>A view of lines of the matrix <paramref name="name"/>, in the type that it is held in.</summary>
    public DeviceTensor Lines(string name, int first, int count) => tensors[name].Rows(first, count);

    /// <summary>
    /// Copies of parameters that are in 4 bits, in the type that graphs compute in, for whoever reads them next; the caller disposes them.
    /// </summary>
    public Dictionary<string, DeviceTensor> Dequantised(IEnumerable<string> names, MemoryPool pool) =>
        quantized?.Copies(names.Distinct().Select(name => (name, folder.Find(name)!.Shape)), pool) ?? [];

    public void Dispose()
    {
        tensors.DisposeAll();
        masters.DisposeAll();
        Casts.Dispose();
        RowAdder.Dispose();
        quantized?.Dispose();
        stream?.Dispose();
        Tables.DisposeAll();
        if (ownsFolder)
        {
            folder.Dispose();
        }
    }

    void Place()
    {
        foreach (var name in folder.Parameters.Where(name => !IsQuantized(name) && name != lookup?.Matrix && stream?.Has(name) != true))
        {
            tensors.Add(name, Tensor(name, folder.Find(name)!));
            if (tensors[name].Type != types.Read(name) && Trains(name))
            {
                masters.Add(name, tensors[name]);
                tensors[name] = DeviceTensor.Rent(pool, MemoryPurpose.ComputeCopies, Compute, tensors[name].Shape);
                Refresh(name);
            }
        }
    }

    DeviceTensor Tensor(string name, TensorEntry entry)
    {
        var stored = StoredTensor.TypeOf(entry);
        var trains = folder.Trains(name);
        // The format allows any address; kernels do not.
        var isUsableInPlace = pool.Device.IsHost && (!trains || (stored == DataType.Float32 && folder.IsWritable(name)))
            && folder.Address(name) % stored.Size() == 0;
        if (isUsableInPlace)
        {
            pool.ChargeOutside(trains ? MemoryPurpose.Masters : MemoryPurpose.WeightsMapped, entry.ByteCount, isOwn: trains);
            return HostTensor.View(folder.Address(name), stored, entry.Shape);
        }

        var tensor = DeviceTensor.Rent(
            pool, trains ? MemoryPurpose.Masters : MemoryPurpose.WeightsConverted, types.Held(name), entry.Shape);
        if (!pool.IsDry)
        {
            StoredTensor.Write(folder.Address(name), entry, tensor);
            folder.Release(name);
        }

        return tensor;
    }
}
