using System.Text;
using System.Text.Json;

namespace OrtDpo.Adapters.Tests;

/// <summary>Writing <c>adapter_config.json</c>.</summary>
public sealed class LoraConfigTextTests : IDisposable
{
    readonly AdapterFolder folder = new();

    public void Dispose() => folder.Dispose();

    // json.dumps(fields, indent=2) of Python 3.11, with the sorted fields and the defaults of LoraConfig in PEFT 0.18.0, but peft_version.
    [Fact]
    public void The_text_is_what_Python_writes()
    {
        const string Expected = """
            {
              "alora_invocation_tokens": null,
              "alpha_pattern": {
                "v_proj": 0.5
              },
              "arrow_config": null,
              "auto_mapping": null,
              "base_model_name_or_path": "models/\u00e4 \"x\"\\y",
              "bias": "none",
              "corda_config": null,
              "ensure_weight_tying": false,
              "eva_config": null,
              "exclude_modules": ".*\\.0\\..*",
              "fan_in_fan_out": false,
              "inference_mode": true,
              "init_lora_weights": true,
              "layer_replication": null,
              "layers_pattern": [
                "layers"
              ],
              "layers_to_transform": [
                0,
                1
              ],
              "loftq_config": {},
              "lora_alpha": 16,
              "lora_bias": false,
              "lora_dropout": 0.0,
              "megatron_config": null,
              "megatron_core": "megatron.core",
              "modules_to_save": [
                "lm_head"
              ],
              "peft_type": "LORA",
              "qalora_group_size": 16,
              "r": 8,
              "rank_pattern": {
                "v_proj": 4,
                "q_proj": 2
              },
              "revision": null,
              "target_modules": [
                "q_proj",
                "v_proj"
              ],
              "target_parameters": null,
              "task_type": "CAUSAL_LM",
              "trainable_token_indices": null,
              "use_dora": false,
              "use_qalora": false,
              "use_rslora": true
            }
            """;
        var config = new LoraConfig
        {
            Rank = 8,
            Alpha = 16,
            UseRsLora = true,
            TargetModules = Choices.Of("q_proj v_proj"),
            ExcludeModules = Choices.Of(@"re:.*\.0\..*"),
            LayersToTransform = [0, 1],
            LayersPattern = ["layers"],
            RankPattern = [new("v_proj", 4), new("q_proj", 2)],
            AlphaPattern = [new("v_proj", 0.5)],
            ModulesToSave = ["lm_head"],
            BaseModelNameOrPath = "models/ä \"x\"\\y",
        };
        Assert.Equal(Expected.ReplaceLineEndings("\n"), Encoding.ASCII.GetString(config.ToJson()));
    }

    [Theory]
    // As Python's repr has them.
    [InlineData(16, "16")]
    [InlineData(0, "0")]
    [InlineData(-4, "-4")]
    [InlineData(0.5, "0.5")]
    [InlineData(1.0 / 3, "0.3333333333333333")]
    [InlineData(1e-5, "1e-05")]
    [InlineData(1.5e300, "1.5e+300")]
    public void Alpha_is_an_integer_where_it_can_be(double alpha, string expected)
    {
        var config = new LoraConfig { TargetModules = ModuleChoice.AllLinear, Alpha = alpha };
        Assert.Contains($"\"lora_alpha\": {expected},\n", Encoding.ASCII.GetString(config.ToJson()), StringComparison.Ordinal);
        Assert.Equal(alpha, folder.Read(Encoding.ASCII.GetString(config.ToJson())).Alpha);
    }

    [Theory]
    [InlineData("all-linear", "\"all-linear\"")]
    [InlineData("re:.*q_proj", "\".*q_proj\"")]
    [InlineData("q_proj", "[\"q_proj\"]")]
    public void Targets_are_written_as_PEFT_reads_them(string targets, string expected)
    {
        using var json = JsonDocument.Parse(new LoraConfig { TargetModules = Choices.Of(targets) }.ToJson());
        Assert.Equal(expected, JsonSerializer.Serialize(json.RootElement.GetProperty("target_modules")));
    }

    [Theory]
    [InlineData("q_proj v_proj", null, null, "norm lm_head")]
    [InlineData("all-linear", "re:.*mlp.*", null, null)]
    [InlineData("re:.*\\.(q|k)_proj", "k_proj", null, "x.y")]
    [InlineData("o_proj", "lm_head up_proj", "0 3", null)]
    public void What_is_written_is_read_back(string targets, string? exclude, string? layers, string? saved)
    {
        var config = new LoraConfig
        {
            Rank = 3,
            Alpha = 1.25,
            UseRsLora = true,
            TargetModules = Choices.Of(targets),
            ExcludeModules = exclude is null ? null : Choices.Of(exclude),
            LayersToTransform = layers is null ? null : Choices.Integers(layers),
            LayersPattern = layers is null ? null : ["layers", "h"],
            RankPattern = [new("b", 2), new("a", 1)],
            AlphaPattern = [new("b\u20ac\U0001D400\n", 2.5), new("a", 100)],
            ModulesToSave = saved?.Split(' ') ?? [],
            Dropout = 0.125,
            FanInFanOut = true,
            BaseModelNameOrPath = "x/y",
            Revision = "refs/pr/1",
        };
        var read = folder.Read(Encoding.UTF8.GetString(config.ToJson()));
        // Lists have no equality of their own: the text compares them.
        Assert.Equal(config.ToJson(), read.ToJson());
        Assert.Equal(config.RankPattern, read.RankPattern);
        Assert.Equal(config.AlphaPattern, read.AlphaPattern);
        Assert.Equal(config.ModulesToSave, read.ModulesToSave);
        Assert.Equal(
            (config.Rank, config.Alpha, config.UseRsLora, config.Dropout, config.FanInFanOut, config.BaseModelNameOrPath, config.Revision),
            (read.Rank, read.Alpha, read.UseRsLora, read.Dropout, read.FanInFanOut, read.BaseModelNameOrPath, read.Revision));
    }
}
