using OrtDpo.Models.Decoders;
using OrtDpo.Quantization;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Quantized;

/// <summary>
/// What of a checkpoint's tensors bitsandbytes wrote in place of weights: <c>X</c> in 4 bits, and <c>X.absmax</c>, <c>X.quant_map</c>,
/// <c>X.quant_state.bitsandbytes__nf4</c> and more beside it.
/// </summary>
sealed class BitsAndBytesTensors
{
    const string State = ".quant_state.bitsandbytes__nf4";

    static readonly string[] Endings = [".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map", State];

    readonly Dictionary<string, (SafetensorsFile File, TensorEntry Entry)> parts = new(StringComparer.Ordinal);

    /// <summary>Sorts the tensors of a checkpoint.</summary>
    /// <exception cref="NotSupportedException">One is in 4 bits of another kind.</exception>
    public BitsAndBytesTensors(IReadOnlyList<SafetensorsFile> files)
    {
        var all = files.SelectMany(file => file.Tensors.Values.Select(entry => (File: file, Entry: entry))).ToList();
        if (all.FirstOrDefault(t => t.Entry.Name.Contains(".quant_state.bitsandbytes__", StringComparison.Ordinal)
            && !t.Entry.Name.EndsWith(State, StringComparison.Ordinal)).Entry is { } other)
        {
            throw new NotSupportedException($"{all.First(t => t.Entry == other).File.Path}: '{other.Name}' is of another format than nf4. "
                + "Of 4-bit weights nf4 and int4 are read: give the model that they were made from.");
        }

        var weights = all.Where(t => t.Entry.Name.EndsWith(State, StringComparison.Ordinal))
            .Select(t => t.Entry.Name[..^State.Length]).ToHashSet(StringComparer.Ordinal);
        foreach (var (file, entry) in all)
        {
            if (weights.Contains(entry.Name)
                || Endings.Any(e => entry.Name.EndsWith(e, StringComparison.Ordinal) && weights.Contains(entry.Name[..^e.Length])))
            {
                parts.Add(entry.Name, (file, entry));
            }
        }

        Weights = [.. weights.Order(StringComparer.Ordinal)];
    }

    /// <summary>The tensors that are in 4 bits, by their names in the checkpoint.</summary>
    public IReadOnlyList<string> Weights { get; }

    /// <summary>Whether a tensor is one in 4 bits, or a part of one.</summary>
    public bool IsPart(string tensor) => parts.ContainsKey(tensor);

    /// <summary>The file of a weight's codes.</summary>
    public string FileOf(string weight) => Part(weight, "").File.Path;

    /// <summary>A weight's matrix; its codes are viewed.</summary>
    /// <exception cref="InvalidDataException">A part is missing, or not as its state says.</exception>
    public QuantizedMatrix Read(string weight)
    {
        var codes = Part(weight, "");
        if (codes.Entry.Type != WeightType.U8)
        {
            throw new NotSupportedException($"{codes.File.Path}: tensor '{weight}' keeps its codes as {codes.Entry.Type}; expected U8 "
                + "(bnb_4bit_quant_storage uint8). Quantize it again with that, or give the model that it was made from.");
        }

        var buffers = new BitsAndBytesBuffers(
            weight, View(codes), View(Part(weight, ".absmax")), View(Part(weight, ".quant_map")), View(Part(weight, State)),
            Optional($"{weight}.nested_absmax"), Optional($"{weight}.nested_quant_map"));
        try
        {
            return BitsAndBytes.Read(buffers);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{codes.File.Path}: {e.Message}", e);
        }
    }

    /// <summary>Checks that <c>quantization_config</c> means weights that are read.</summary>
    /// <exception cref="NotSupportedException">It means others.</exception>
    public static void Require(ConfigFile quantized)
    {
        const string Instead = "Of 4-bit weights nf4 and int4 are read: give the model that they were made from.";
        if (quantized.Flag("load_in_8bit", absent: false) || quantized.Flag("_load_in_8bit", absent: false))
        {
            throw new NotSupportedException($"{quantized.Path}: load_in_8bit is true: the weights have 8 bits. {Instead}");
        }

        // What bitsandbytes takes where nothing is said.
        if (quantized.Text("bnb_4bit_quant_type", absent: "fp4") is var type && type != "nf4")
        {
            throw new NotSupportedException($"{quantized.Path}: bnb_4bit_quant_type is '{type}'. {Instead}");
        }
    }

    (SafetensorsFile File, TensorEntry Entry) Part(string weight, string ending) =>
        parts.TryGetValue(weight + ending, out var part) ? part : throw new InvalidDataException(
            $"{parts[weight + State].File.Path}: tensor '{weight}{ending}' is missing from the safetensors; bitsandbytes writes it beside "
            + $"'{weight}{State}'. Fetch the model again.");

    ReadOnlyMemory<byte> Optional(string tensor) => parts.TryGetValue(tensor, out var part) ? View(part) : default;

    static ReadOnlyMemory<byte> View((SafetensorsFile File, TensorEntry Entry) part) =>
        new ViewedBytes(part.File.Address(part.Entry), checked((int)part.Entry.ByteCount)).Memory;
}
