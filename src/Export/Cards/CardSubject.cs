using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Export.Cards;

/// <summary>What a card is of: a folder that was made of a run.</summary>
public sealed record CardSubject
{
    /// <summary>What the model is called: its folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, within a sentence: "a language model for ONNX Runtime".</summary>
    public required string What { get; init; }

    /// <summary>What hubs call the library that loads it; null: they have no name for it.</summary>
    public string? Library { get; init; }

    /// <summary>What it is of its base, as hubs have it: <c>finetune</c> or <c>adapter</c>.</summary>
    public required string Relation { get; init; }

    /// <summary>Words to find it by.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>What its weights are stored in.</summary>
    public required string Dtype { get; init; }

    /// <summary>How far it is from the policy; null: that was not measured.</summary>
    public ParityReport? Parity { get; init; }

    /// <summary>How it is loaded, in Markdown.</summary>
    public required string Use { get; init; }

    /// <summary>A folder of <c>model.onnx</c>, for plain ONNX Runtime, and for GenAI where it has a <c>genai_config.json</c>.</summary>
    /// <param name="folder">The folder, of which the name is taken.</param>
    /// <param name="made">Where its files lie by now.</param>
    /// <param name="dtype">What its weights are stored in.</param>
    /// <param name="parity">How far it is from the policy.</param>
    public static CardSubject Onnx(string folder, string made, string dtype, ParityReport parity)
    {
        var isForGenAi = File.Exists(Path.Combine(made, GenAiConfig.FileName));
        var hasTemplate = File.Exists(Path.Combine(made, TokenizerFiles.ChatTemplate));
        return new CardSubject
        {
            Name = NameOf(folder),
            What = "a language model for ONNX Runtime",
            Relation = "finetune",
            Tags =
            [
                "onnx", "onnxruntime",
                .. isForGenAi ? ["onnxruntime-genai"] : Array.Empty<string>(),
                .. hasTemplate ? ["conversational"] : Array.Empty<string>(),
            ],
            Dtype = dtype,
            Parity = parity,
            Use = isForGenAi ? CardUse.GenAi(hasTemplate) : CardUse.OnnxRuntime,
        };
    }

    /// <summary>A base with slots, and adapters for it.</summary>
    /// <param name="folder">The export's folder.</param>
    /// <param name="dtype">What its weights are stored in.</param>
    /// <param name="adapter">The path of an adapter within it.</param>
    public static CardSubject Adapters(string folder, string dtype, string adapter) => new()
    {
        Name = NameOf(folder),
        What = "a language model for ONNX Runtime, with adapters beside it",
        Relation = "adapter",
        Tags = ["onnx", "onnxruntime", "onnxruntime-genai", "lora"],
        Dtype = dtype,
        Use = CardUse.Adapters(adapter),
    };

    /// <summary>A folder of safetensors.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="type">What its weights are stored in.</param>
    public static CardSubject HuggingFace(string folder, WeightType type) => new()
    {
        Name = NameOf(folder),
        What = "a language model",
        Library = "transformers",
        Relation = "finetune",
        Tags = ["safetensors"],
        Dtype = type.ConfigName(),
        Use = CardUse.HuggingFace,
    };

    static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
}
