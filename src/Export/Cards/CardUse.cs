namespace OrtDpo.Export.Cards;

/// <summary>How what was made is loaded, in Markdown. tests/GenAI.Tests runs what stands here.</summary>
static class CardUse
{
    const string Fence = "```";

    /// <summary>By plain ONNX Runtime.</summary>
    public const string OnnxRuntime = "ONNX Runtime loads `model.onnx`.\n";

    /// <summary>By whoever reads folders of safetensors.</summary>
    public const string HuggingFace =
        "Hosts of Hugging Face's layout load the folder: `config.json`, safetensors, the tokenizer's files.\n";

    /// <summary>By ONNX Runtime GenAI, and by plain ONNX Runtime.</summary>
    /// <param name="hasTemplate">Whether a text is made by the chat template.</param>
    public static string GenAi(bool hasTemplate) => "With the package Microsoft.ML.OnnxRuntimeGenAI:\n\n" + Code(
        [
            "using var model = new Model(folder);",
            "using var tokenizer = new Tokenizer(model);",
            hasTemplate
                ? """"var text = tokenizer.ApplyChatTemplate(null, """[{"role": "user", "content": "Hi"}]""", null, true);""""
                : """var text = "Once upon a time";""",
            .. Generated(""),
        ])
        + "\nWith plain ONNX Runtime: `model.onnx` takes `input_ids`, `attention_mask`, `position_ids` and `past_key_values.N.key`, "
        + "`.value`, and gives `logits` and `present.N.key`, `.value`, which are fed as the past the next time. At first that has length "
        + "0.\n";

    /// <summary>The base with an adapter, by ONNX Runtime GenAI.</summary>
    /// <param name="adapter">The path of an adapter within the folder.</param>
    public static string Adapters(string adapter) => "With the package Microsoft.ML.OnnxRuntimeGenAI, an adapter over the base:\n\n" + Code(
    [
        "using var model = new Model(folder);",
        "using var tokenizer = new Tokenizer(model);",
        "using var adapters = new Adapters(model);",
        $"adapters.LoadAdapter(Path.Combine(folder, {System.Text.Json.JsonSerializer.Serialize(adapter.Replace('\\', '/'))}), \"one\");",
        """var text = "Once upon a time";""",
        .. Generated("""generator.SetActiveAdapter(adapters, "one");"""),
    ]);

    static string[] Generated(string before) =>
    [
        "using var prompt = tokenizer.Encode(text);",
        "using var options = new GeneratorParams(model);",
        "using var generator = new Generator(model, options);",
        .. before.Length > 0 ? (string[])[before] : [],
        "generator.AppendTokenSequences(prompt);",
        "while (!generator.IsDone())",
        "{",
        "    generator.GenerateNextToken();",
        "}",
        "",
        "var answer = tokenizer.Decode(generator.GetSequence(0));",
    ];

    static string Code(string[] lines) => $"{Fence}csharp\n{string.Join('\n', lines)}\n{Fence}\n";
}
