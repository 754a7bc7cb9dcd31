using System.Text;
using System.Text.Json;
using OrtDpo.ChatTemplates.Tests;
using OrtDpo.Models;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Tests.Mutation;

/// <summary>The files of a model folder.</summary>
static class ModelFileKinds
{
    const string Text = "Hello, <s>wörld</s> 𝐀 1234\n\tthe end.";

    const string Config = """
        {"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false, "normalized": false, "rstrip": false, "single_word": false},
         "add_bos_token": true, "model_max_length": 1000000000000000019884624838656, "tokenizer_class": "LlamaTokenizer",
         "added_tokens_decoder": {"0": {"content": "<unk>", "special": true}, "1": {"content": "<s>", "special": true}},
         "chat_template": "{% for m in messages %}{{ m['role'] + ': ' + m['content'] }}{% endfor %}{{ eos_token }}"}
        """;

    static readonly string[] Tokenizers = ["byte-level", "sentencepiece", "trained", "word-prefix", "word-suffix"];

    static readonly string[] Families = ["llama", "gpt2", "mistral", "qwen2"];

    static readonly JsonElement Messages = JsonDocument.Parse(
        """[{"role": "system", "content": "s"}, {"role": "user", "content": " a "}, {"role": "assistant", "content": "b"}]""").RootElement;

    public static IEnumerable<FileKind> All =>
    [
        new("config.json", ModelFolder.ConfigName, [.. Families.Select(Golden(ModelFolder.ConfigName))], OpenModel)
        {
            WriteBeside = folder =>
            {
                File.Copy(Family("llama", ShardedWeights.SingleFile), Path.Combine(folder, ShardedWeights.SingleFile));
                File.Copy(Tokenizer("trained"), Path.Combine(folder, TokenizerFiles.TokenizerJson));
            },
        },
        new("tokenizer.json", TokenizerFiles.TokenizerJson,
            [.. Tokenizers.Select(name => File.ReadAllBytes(Tokenizer(name)))], LoadTokenizer),
        new("tokenizer_config.json", TokenizerFiles.TokenizerConfig, [Encoding.UTF8.GetBytes(Config)], folder =>
        {
            Render(folder);
            LoadTokenizer(folder);
        })
        {
            WriteBeside = folder => File.Copy(Tokenizer("sentencepiece"), Path.Combine(folder, TokenizerFiles.TokenizerJson)),
        },
        new("chat template", TokenizerFiles.ChatTemplate,
            [.. TemplateGolden.Templates.Select(t => Encoding.UTF8.GetBytes(t.GetProperty("template").GetString()!))], Render),
        new("weights", ShardedWeights.SingleFile, [.. Families.Select(Golden(ShardedWeights.SingleFile)), SmallWeights()],
            folder => SafetensorsFile.Open(Path.Combine(folder, ShardedWeights.SingleFile)).Dispose()),
        new("index of weights", "model.safetensors.index.json",
            ["""{"metadata": {"total_size": 4}, "weight_map": {"a": "one.safetensors"}}"""u8.ToArray()],
            folder => ShardedWeights.Open(folder, WeightMapping.ReadOnly).ForEach(file => file.Dispose()))
        {
            WriteBeside = folder => File.WriteAllBytes(Path.Combine(folder, "one.safetensors"), SmallWeights()),
        },
    ];

    static void OpenModel(string folder)
    {
        ModelTokenizer.Load(folder);
        ModelFolder.Open(folder).Dispose();
    }

    static void LoadTokenizer(string folder)
    {
        var tokenizer = ModelTokenizer.Load(folder);
        tokenizer.Decode(tokenizer.Encode(Text));
        tokenizer.EncodeContinuation(Text);
    }

    static void Render(string folder) =>
        ChatTemplateFolder.Load(folder, date: TemplateGolden.Date).Render(Messages, addGenerationPrompt: true);

    static byte[] SmallWeights()
    {
        var header = """{"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}"""u8;
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[4]];
    }

    static Func<string, byte[]> Golden(string file) => family => File.ReadAllBytes(Family(family, file));

    static string Family(string family, string file) => Repository.Find("tests", "golden", "families", family, file);

    static string Tokenizer(string name) => Repository.Find("tests", "golden", "text", "tiny", $"{name}.json");
}
