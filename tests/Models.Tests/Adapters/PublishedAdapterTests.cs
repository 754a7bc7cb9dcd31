using System.Text.Json;
using OrtDpo.Adapters;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Families;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Tests.Adapters;

/// <summary>
/// Adapters of well-known models, written from their configuration alone, against what others published of theirs: names, shapes and
/// PEFT's own count (<c>print_trainable_parameters</c>). No numbers of these models are needed.
/// </summary>
public sealed class PublishedAdapterTests
{
    const string QueriesAndValues = "q_proj v_proj";

    /// <summary>
    /// An adapter of TinyLlama 1.1B, as github.com/MSIIP/MedM-VL/issues/12 lists it: in memory PEFT has <c>.default</c> in a name, in its
    /// file not.
    /// </summary>
    [Fact]
    public void Names_and_shapes_of_TinyLlama_s_are_PEFT_s()
    {
        var expected = Enumerable.Range(0, 22).SelectMany(layer => new[]
        {
            $"base_model.model.model.layers.{layer}.self_attn.q_proj.lora_A.weight F32 [128, 2048]",
            $"base_model.model.model.layers.{layer}.self_attn.q_proj.lora_B.weight F32 [2048, 128]",
            $"base_model.model.model.layers.{layer}.self_attn.v_proj.lora_A.weight F32 [128, 2048]",
            $"base_model.model.model.layers.{layer}.self_attn.v_proj.lora_B.weight F32 [256, 128]",
        });
        var config = Llama(hidden: 2048, inner: 5632, layers: 22, heads: 32, groups: 4, vocabulary: 32000);
        var (tensors, _) = Written(config, rank: 128, QueriesAndValues);
        Assert.Equal(expected.Order(StringComparer.Ordinal), tensors.Select(t => $"{t.Name} {t.Type} {t.ShapeText}"));
    }

    /// <summary>
    /// Chinese-Alpaca 7B is of github.com/ymcui/Chinese-LLaMA-Alpaca/issues/189; the others are examples of PEFT in many places.
    /// </summary>
    [Theory]
    [InlineData("chinese-alpaca-7b", 8, QueriesAndValues, 4_194_304, 6_889_689_088)]
    [InlineData("llama-7b", 8, QueriesAndValues, 4_194_304, 6_742_609_920)]
    [InlineData("llama-3-8b", 8, QueriesAndValues, 3_407_872, 8_033_669_120)]
    [InlineData("gpt2", 8, "c_attn", 294_912, 124_734_720)]
    public void The_file_has_as_many_numbers_as_PEFT_counts(string model, int rank, string modules, long trainable, long all)
    {
        var (tensors, ofBase) = Written(Known(model), rank, modules);
        Assert.Equal(trainable, tensors.Sum(t => t.Count));
        Assert.Equal(all, trainable + ofBase);
    }

    /// <summary>PEFT's A and B of a product of GPT-2 lie as those of any other, though the weight itself is <c>[in, out]</c>.</summary>
    [Fact]
    public void Shapes_of_GPT_2_s_do_not_follow_the_weight()
    {
        var (tensors, _) = Written(Known("gpt2"), rank: 8, "c_attn");
        Assert.Equal(24, tensors.Count);
        Assert.Equal("[8, 768]", tensors.Single(t => t.Name == "base_model.model.transformer.h.0.attn.c_attn.lora_A.weight").ShapeText);
        Assert.Equal("[2304, 8]", tensors.Single(t => t.Name == "base_model.model.transformer.h.0.attn.c_attn.lora_B.weight").ShapeText);
    }

    static Dictionary<string, object> Known(string name) => name switch
    {
        "chinese-alpaca-7b" => Llama(hidden: 4096, inner: 11008, layers: 32, heads: 32, groups: 32, vocabulary: 49954),
        "llama-7b" => Llama(hidden: 4096, inner: 11008, layers: 32, heads: 32, groups: 32, vocabulary: 32000),
        "llama-3-8b" => Llama(hidden: 4096, inner: 14336, layers: 32, heads: 32, groups: 8, vocabulary: 128256),
        "gpt2" => new()
        {
            ["model_type"] = "gpt2", ["n_embd"] = 768, ["n_layer"] = 12, ["n_head"] = 12, ["vocab_size"] = 50257, ["n_positions"] = 1024,
            ["layer_norm_epsilon"] = 1e-5, ["activation_function"] = "gelu_new",
        },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    static Dictionary<string, object> Llama(int hidden, int inner, int layers, int heads, int groups, int vocabulary) => new()
    {
        ["model_type"] = "llama", ["hidden_size"] = hidden, ["intermediate_size"] = inner, ["num_hidden_layers"] = layers,
        ["num_attention_heads"] = heads, ["num_key_value_heads"] = groups, ["vocab_size"] = vocabulary, ["hidden_act"] = "silu",
        ["max_position_embeddings"] = 2048, ["rms_norm_eps"] = 1e-5, ["rope_theta"] = 10000.0, ["tie_word_embeddings"] = false,
    };

    /// <summary>The tensors of a new adapter's file by their names, and how many numbers the base has.</summary>
    static unsafe (IReadOnlyList<TensorEntry> Tensors, long OfBase) Written(Dictionary<string, object> model, int rank, string modules)
    {
        using var folder = new TemporaryFolder();
        folder.Write(ModelFolder.ConfigName, JsonSerializer.Serialize(model));
        var decoder = ModelFamilies.Read(folder.Path);
        var lora = new LoraConfig { Rank = rank, TargetModules = new ModuleChoice.Names(modules.Split(' ')) };
        var terms = ModelModules.Resolve(lora, decoder, folder.Path).Targets
            .ToDictionary(t => ModelModules.WeightOf(t.Module.Name), t => new LowRankTerm(t.Rank, t.Scale));
        var parameters = new AdaptedModel(decoder, terms, new HashSet<string>()).TermParameters;
        // All tensors are written from the same zeros.
        var zeros = new float[parameters.Max(p => p.Shape[0] * p.Shape[1])];
        fixed (float* address = zeros)
        {
            var start = (nint)address;
            using var file = File.Create(folder.File(AdapterFile.FileName));
            AdapterFile.Write(file, parameters.Select(p => new TensorSource(p.Name, WeightType.F32, p.Shape, start)));
        }

        using var written = SafetensorsFile.Open(folder.File(AdapterFile.FileName));
        return (
            [.. written.Tensors.Values.OrderBy(t => t.Name, StringComparer.Ordinal)],
            decoder.Parameters.Sum(p => p.Shape.Aggregate(1L, (product, size) => product * size)));
    }
}
