using OrtDpo.Adapters;
using OrtDpo.Linked;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;
using OrtDpo.Models.Import;
using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Models;

/// <summary>
/// A model folder, its weights in memory and checked against what the model asks for: Hugging Face's (<c>config.json</c> and safetensors),
/// or one with an ONNX model, whose initializers are the weights.
/// </summary>
public sealed unsafe class ModelFolder : IDisposable
{
    /// <summary>The file that describes a Hugging Face model.</summary>
    public const string ConfigName = "config.json";

    readonly Dictionary<string, (string File, nint Address, TensorEntry Entry)> tensors = new(StringComparer.Ordinal);
    readonly Dictionary<string, SafetensorsFile> files = new(StringComparer.Ordinal);
    readonly List<string> notes = [];
    // Files and copies.
    readonly List<IDisposable> owned = [];
    readonly HashSet<string> copies = new(StringComparer.Ordinal);
    // By what a model computes: hashing reads all its files.
    readonly Dictionary<string, string> digests = new(StringComparer.Ordinal);
    bool trainsAdapter;

    ModelFolder(string path, DecoderModel model, WeightMapping mapping)
    {
        Path = path;
        Model = model;
        Mapping = mapping;
        Parameters = [.. model.Parameters.Select(p => p.Name)];
    }

    public string Path { get; }

    /// <summary>The model, for the longest sequence that <see cref="FixMaxLength"/> was told, or that it allows.</summary>
    public DecoderModel Model { get; private set; }

    /// <summary>What a reader of a run should know of how the model was read.</summary>
    public IReadOnlyList<string> Notes => [.. Model.Notes, .. notes];

    /// <summary>Whether the weights in memory may change; the files never do.</summary>
    public WeightMapping Mapping { get; }

    /// <summary>The type that most of its numbers are stored in, of those that its files do not have in 4 bits.</summary>
    public WeightType StoredType => BaseParameters.Where(name => Quantized is not { Form: null } || Quantized.Find(name) is null)
        .Select(name => tensors[name].Entry).GroupBy(t => t.Type).MaxBy(g => g.Sum(t => t.Count))!.Key;

    /// <summary>The names of the parameters, in the order of the forward pass; an adapter's come last.</summary>
    public IReadOnlyList<string> Parameters { get; private set; }

    /// <summary>
    /// The model that <c>config.json</c> in <paramref name="path"/> describes, or the folder's ONNX model. Parameters are not opened.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A field is missing, or has a value that no such model has.</exception>
    /// <exception cref="NotSupportedException">The model is of another family, or uses a variant that is not built.</exception>
    public static DecoderModel ModelOf(string path)
    {
        if (IsAdapter(path))
        {
            return ModelOf(BaseOf(path));
        }

        if (OnnxFile.Find(path) is { } onnx)
        {
            using var file = OnnxFile.Open(onnx);
            return OnnxDecoder.Read(file);
        }

        if (Directory.Exists(path) && !File.Exists(System.IO.Path.Combine(path, ConfigName)))
        {
            UnreadWeights.Refuse(path);
        }

        return ModelFamilies.Read(path);
    }

    /// <summary>
    /// Maps the model at <paramref name="path"/>: <c>model.safetensors</c>, the shards of <c>model.safetensors.index.json</c>, or an ONNX
    /// file.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, a weight is missing, has another shape, or belongs to no
    /// parameter.</exception>
    /// <exception cref="NotSupportedException">The model or a weight's dtype is not supported.</exception>
    public static ModelFolder Open(string path, WeightMapping mapping = WeightMapping.ReadOnly) => Open(path, adapter: null, mapping);

    /// <summary>
    /// Maps the model at <paramref name="path"/> and puts an adapter on it, which then is what trains. A folder that is itself an adapter's
    /// stands for its base with it.
    /// </summary>
    /// <param name="path">A model folder, or one that PEFT or a run saved an adapter in.</param>
    /// <param name="adapter">An adapter's folder; null: what <paramref name="path"/> is.</param>
    /// <param name="mapping">Whether it is to be trained.</param>
    /// <param name="weights">How the weights of its layers are held; null: as its files have them.</param>
    /// <exception cref="NotSupportedException">
    /// The model is to be trained without an adapter, and its weights are held in 4 bits.
    /// </exception>
    public static ModelFolder Open(string path, string? adapter, WeightMapping mapping, BaseWeights? weights = null)
    {
        if (IsAdapter(path))
        {
            return adapter is null
                ? Open(BaseOf(path), path, mapping, weights)
                : throw new InvalidDataException($"{path} is an adapter itself, and {adapter} another: give the base as `Model`.");
        }

        if (adapter is null)
        {
            return OpenBase(path, mapping, weights);
        }

        var folder = OpenBase(path, WeightMapping.ReadOnly, weights);
        try
        {
            ModelAdapter.Attach(folder, adapter, trains: mapping == WeightMapping.CopyOnWrite);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Whether a folder holds an adapter and no model.</summary>
    public static bool IsAdapter(string path) =>
        File.Exists(System.IO.Path.Combine(path, LoraConfig.FileName)) && !File.Exists(System.IO.Path.Combine(path, ConfigName));

    /// <summary>The base that an adapter's folder names.</summary>
    /// <exception cref="InvalidDataException">It names none that is a folder here.</exception>
    static string BaseOf(string adapter)
    {
        var named = LoraConfig.Read(adapter).BaseModelNameOrPath;
        return named is not null && Directory.Exists(named) && !IsAdapter(named)
            ? named
            : throw new InvalidDataException($"{adapter} is an adapter, and its base "
                + (named is null ? "is not named in it" : $"'{named}' is no model folder here")
                + ". Give the base as `Model` and the adapter as `Adapter`.");
    }

    static ModelFolder OpenBase(string path, WeightMapping mapping, BaseWeights? weights)
    {
        var folder = OpenFiles(path, mapping);
        try
        {
            if (weights is { IsAsStored: false })
            {
                QuantizedBase.Put(folder, weights);
            }

            return folder.Quantized is null || mapping == WeightMapping.ReadOnly ? folder : throw new NotSupportedException(
                $"The weights of {path} are held {BaseWeights.Describe(folder.Quantized.Form)}, and such weights do not train. "
                + "Train an adapter on them (`Lora`)"
                + (folder.Quantized.Form is null ? ", or give the model that they were made from." : ", or leave `Base` out."));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    static ModelFolder OpenFiles(string path, WeightMapping mapping)
    {
        if (!Directory.Exists(path))
        {
            throw new DirectoryNotFoundException(
                $"The model folder {path} does not exist. "
                + "Give a folder with config.json, safetensors files and a tokenizer, or with an ONNX model."
                + HubName.Advice(path, "model"));
        }

        return OnnxFile.Find(path) is { } onnx ? OpenOnnx(path, onnx, mapping) : OpenSafetensors(path, mapping);
    }

    /// <summary>The names of the parameters that lie in the model's own files: all but an adapter's.</summary>
    public IReadOnlyList<string> BaseParameters =>
        Model is AdaptedModel adapted ? [.. adapted.Base.Parameters.Select(p => p.Name)] : Parameters;

    /// <summary>
    /// The weights that are held in 4 bits, whose numbers are theirs and not those that <see cref="Address"/> leads to; null: none.
    /// </summary>
    public QuantizedBase? Quantized { get; internal set; }

    /// <summary>The adapter that lies on the model; null: none.</summary>
    public ModelAdapter? Adapter { get; internal set; }

    /// <summary>Whether training changes the parameter: the model's own where it trains, or an adapter's.</summary>
    public bool Trains(string name) => (Mapping == WeightMapping.CopyOnWrite || trainsAdapter) && Model.Trains(name);

    /// <summary>Puts an adapter on the model.</summary>
    /// <param name="adapted">The model with its terms.</param>
    /// <param name="tensors">The terms' tensors, and those that it has in place of the model's, by their names.</param>
    /// <param name="owner">What the tensors lie in; disposed with the folder.</param>
    /// <param name="trains">Whether it is to be trained; the model's own weights are not, whatever its mapping.</param>
    /// <exception cref="InvalidOperationException">It has one, or is mapped to be trained itself.</exception>
    internal void Attach(
        AdaptedModel adapted, IEnumerable<(string Name, string File, nint Address, TensorEntry Entry)> tensors, IDisposable owner,
        bool trains)
    {
        if (Model is AdaptedModel || Mapping != WeightMapping.ReadOnly)
        {
            throw new InvalidOperationException(Model is AdaptedModel
                ? $"{Path} has an adapter already."
                : $"{Path} is mapped {Mapping}; a model under an adapter does not train, and is mapped ReadOnly.");
        }

        owned.Add(owner);
        Model = adapted;
        Parameters = [.. adapted.Parameters.Select(p => p.Name)];
        trainsAdapter = trains;
        foreach (var (name, file, address, entry) in tensors)
        {
            this.tensors[name] = (file, address, entry);
        }
    }

    /// <summary>Puts other numbers in a parameter's place.</summary>
    internal void Replace(string name, NativeBlock block, TensorEntry entry)
    {
        owned.Add(block);
        tensors[name] = (tensors[name].File, block.Address, entry);
        // Not the file's any more: nobody may let go of its pages.
        copies.Add(name);
        digests.Clear();
    }

    /// <summary>Has a parameter's numbers where another has them, who outlives the folder.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="address">The first byte.</param>
    /// <param name="entry">Type and size of what lies there; the shape is the parameter's.</param>
    public void Share(string name, nint address, TensorEntry entry)
    {
        tensors[name] = (tensors[name].File, address, entry);
        copies.Add(name);
        digests.Clear();
    }

    /// <summary>Owns what the weights lie in.</summary>
    internal void Own(IDisposable owner) => owned.Add(owner);

    /// <summary>What a reader should know beside what its files say.</summary>
    internal void Note(string note) => notes.Add(note);

    /// <summary>What <paramref name="compute"/> gives: once for each <paramref name="key"/>, where the weights do not change.</summary>
    internal string Digest(string key, Func<string> compute) => Mapping != WeightMapping.ReadOnly ? compute()
        : digests.TryGetValue(key, out var known) ? known
        : digests[key] = compute();

    /// <summary>Takes the adapter from the model.</summary>
    internal void Detach(DecoderModel model)
    {
        Model = model;
        Parameters = [.. model.Parameters.Select(p => p.Name)];
        Adapter = null;
        trainsAdapter = false;
    }

    /// <summary>
    /// Takes the model for sequences of at most <paramref name="maxLength"/> tokens: before anything is computed with it or its digest.
    /// </summary>
    public void FixMaxLength(int maxLength) => Model = Model.For(maxLength);

    /// <summary>The entry of parameter <paramref name="name"/>, or of another tensor of that name; null where there is none.</summary>
    public TensorEntry? Find(string name) => tensors.TryGetValue(name, out var tensor) ? tensor.Entry : null;

    /// <summary>The address of the tensor's first byte, in the type of its entry; valid until the folder is disposed.</summary>
    /// <exception cref="InvalidOperationException">Its file has it in 4 bits.</exception>
    public nint Address(string name) => tensors[name].Address is not 0 and var address ? address : throw new InvalidOperationException(
        $"'{name}' is in 4 bits in {tensors[name].File}, and has no numbers to point at. Read it as Quantized has it.");

    /// <summary>Whether its file has a tensor in 4 bits, which then has no address.</summary>
    internal bool IsInFourBits(string name) => tensors[name].Address == 0;

    /// <summary>
    /// Lets go of the pages of a tensor that is not written to: what was converted, or only read once. They are read again where they are
    /// used.
    /// </summary>
    public void Release(string name) => Release(name, 0, tensors[name].Entry.ByteCount);

    /// <summary>The same for a part of it, in bytes.</summary>
    internal void Release(string name, long start, long count)
    {
        var (path, _, entry) = tensors[name];
        if (!copies.Contains(name) && files.TryGetValue(path, out var file))
        {
            file.Release(entry, start, count);
        }
    }

    /// <summary>
    /// Whether the numbers may be written where they are: in a mapping of the process's own, or in memory that no file is behind.
    /// </summary>
    public bool IsWritable(string name) => Mapping == WeightMapping.CopyOnWrite || tensors[name].File.Length == 0;

    /// <summary>The path of the file that holds tensor <paramref name="name"/>.</summary>
    public string FileOf(string name) => tensors[name].File;

    public void Dispose()
    {
        owned.ForEach(o => o.Dispose());
    }

    static ModelFolder OpenSafetensors(string path, WeightMapping mapping)
    {
        UnreadWeights.Refuse(path);
        var folder = new ModelFolder(path, ModelFamilies.Read(path), mapping);
        var isQuantized = UnreadWeights.RefuseQuantized(path);
        var opened = ShardedWeights.Open(path, mapping);
        folder.owned.AddRange(opened);
        try
        {
            opened.ForEach(file => folder.files.TryAdd(file.Path, file));
            var quantized = isQuantized ? new BitsAndBytesTensors(opened) : null;
            var matrices = quantized?.Weights.ToDictionary(name => name, quantized.Read, StringComparer.Ordinal) ?? [];
            // A matrix in 4 bits counts by what it stands for.
            List<(string File, nint Address, TensorEntry Entry)> all =
            [
                .. opened.SelectMany(file => file.Tensors.Values.Where(tensor => quantized?.IsPart(tensor.Name) != true)
                    .Select(tensor => (file.Path, file.Address(tensor), tensor))),
                .. matrices.Select(m => (quantized!.FileOf(m.Key), (nint)0, QuantizedBase.Entry(m.Key, m.Value))),
            ];
            var names = new TensorNames(folder.Model, [.. all.Select(tensor => tensor.Entry.Name)]);
            foreach (var tensor in all)
            {
                folder.tensors.TryAdd(names.ParameterOf(tensor.Entry.Name), tensor);
            }

            var head = folder.Model.Tie is { } tie ? new HeadCheck(folder, tie) : null;
            if (new WeightChecks(folder, names, head, all.Select(tensor => tensor.Entry)).Fault() is { } fault)
            {
                throw fault;
            }

            if (matrices.Count > 0)
            {
                folder.Quantized = QuantizedBase.Of(
                    folder, matrices.ToDictionary(m => names.ParameterOf(m.Key), m => m.Value, StringComparer.Ordinal));
                folder.Note($"{matrices.Count} linear weights of its layers are nf4 of bitsandbytes; they are computed with as float32, "
                    + "not rounded to the dtype of its config.json as bitsandbytes does");
            }

            folder.notes.AddRange(new[] { names.Note, head?.Note }.OfType<string>());
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    static ModelFolder OpenOnnx(string path, string onnx, WeightMapping mapping)
    {
        var file = OnnxFile.Open(onnx, mapping);
        try
        {
            var folder = new ModelFolder(path, OnnxDecoder.Read(file), mapping);
            folder.owned.Add(file);
            foreach (var name in folder.Parameters)
            {
                var data = file.Read(file.Initializers[name]);
                if (data.Type != ElementType.Float)
                {
                    throw new NotSupportedException(
                        $"{file.Path}: parameter '{name}' is {data.Type}; only Float (32 bits) trains. Export the model in float32.");
                }

                var address = data.Address != 0 ? data.Address : folder.Copy(data.Managed.Span);
                folder.tensors.Add(name, (onnx, address, new TensorEntry(name, WeightType.F32, data.Shape, Offset: 0, data.ByteCount)));
            }

            return folder;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // Bytes inside a protobuf message are the garbage collector's to move.
    nint Copy(ReadOnlySpan<byte> bytes)
    {
        var copy = NativeBlock.Allocate(bytes.Length);
        owned.Add(copy);
        bytes.CopyTo(new Span<byte>((void*)copy.Address, bytes.Length));
        return copy.Address;
    }
}
