using OrtDpo.Models.Decoders;
using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Models;

/// <summary>
/// Weights in a form that is not read: adapters, quantized weights, Python pickles, other programs' formats. Each is named, with what makes
/// a folder that is read. Pickles are never opened: reading one runs whatever code it holds.
/// </summary>
static class UnreadWeights
{
    const string AdapterConfig = "adapter_config.json";

    const string Convert = "Convert it with Transformers: AutoModelForCausalLM.from_pretrained(…).save_pretrained(…, "
        + "safe_serialization=True) writes model.safetensors.";

    static readonly string[] Pickles = ["pytorch_model*.bin", "*.bin.index.json", "*.pth", "*.pt", "*.ckpt", "*.bin"];
    // Mistral's own files have safetensors of other names.
    static readonly string[] Foreign =
        ["*.gguf", "*.ggml", "tf_model*.h5", "flax_model*.msgpack", "*.npz", "consolidated*.safetensors"];

    // Pickles of a trainer's that lie beside weights.
    static readonly string[] NoWeights = ["training_args", "optimizer", "scheduler", "scaler", "rng_state", "random_states"];

    /// <summary>Refuses a folder without <c>model.safetensors</c> and index that holds its weights otherwise.</summary>
    /// <exception cref="NotSupportedException">It does.</exception>
    /// <exception cref="FileNotFoundException">It has shards without their index.</exception>
    public static void Refuse(string folder)
    {
        if (ShardedWeights.AreIn(folder))
        {
            return;
        }

        if (Find(folder, [AdapterConfig, "adapter_model.*"]) is { } adapter)
        {
            throw new NotSupportedException(
                $"{folder} is an adapter ({adapter}), and no model by itself. Give its base as `Model` and the adapter as `Adapter`; "
                + "or merge it into its base, and give the folder that this writes.");
        }

        if (Find(folder, Pickles) is { } pickle)
        {
            throw new NotSupportedException(
                $"{folder} holds its weights as {pickle}, a Python pickle, and reading one runs whatever code it holds: it is not opened. "
                + Convert);
        }

        if (Find(folder, Foreign) is { } foreign)
        {
            throw new NotSupportedException($"{folder} holds its weights as {foreign}, which is not read. {Convert}");
        }

        if (Find(folder, ["*.safetensors"]) is { } shard)
        {
            throw new FileNotFoundException(
                $"{folder} holds {shard}, and neither {ShardedWeights.SingleFile} nor {ShardedWeights.IndexFile}, which says what lies in "
                + "which file. Fetch the index too, or give the file its usual name.",
                Path.Combine(folder, ShardedWeights.IndexFile));
        }
    }

    /// <summary>Refuses weights that a quantiser has written, but for nf4 of bitsandbytes.</summary>
    /// <returns>Whether the folder says that its weights are nf4 of bitsandbytes.</returns>
    /// <exception cref="NotSupportedException">The folder says that they are of another.</exception>
    public static bool RefuseQuantized(string folder)
    {
        var path = Path.Combine(folder, ModelFolder.ConfigName);
        using var config = ConfigFile.Open(path);
        using var quantized = config.Section("quantization_config");
        var method = quantized?.Text("quant_method", absent: "the method is not named");
        if (method == "bitsandbytes")
        {
            BitsAndBytesTensors.Require(quantized!);
            return true;
        }

        var said = method is not null ? $"{path}: by quantization_config the weights are quantized ({method})"
            // Older savers of GPTQ and AWQ have a file of their own.
            : Find(folder, ["quantize_config.json", "quant_config.json"]) is { } file ? $"{folder} has a {file}: its weights are quantized"
            : null;
        if (said is not null)
        {
            throw new NotSupportedException($"{said}. Weights may be F32, F16 or BF16, or nf4 of bitsandbytes: give the model that they "
                + "were made from.");
        }

        return false;
    }

    static string? Find(string folder, IEnumerable<string> patterns) => patterns
        .SelectMany(pattern => Directory.GetFiles(folder, pattern).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal))
        .FirstOrDefault(name => !NoWeights.Any(start => name.StartsWith(start, StringComparison.Ordinal)));
}
