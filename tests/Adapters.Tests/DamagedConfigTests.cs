using System.Text;

namespace OrtDpo.Adapters.Tests;

/// <summary>Files that something changed: they are read, or refused as what they are.</summary>
public sealed class DamagedConfigTests : IDisposable
{
    const string Whole = """
        {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 4, "lora_alpha": 8.5, "target_modules": ["q_proj", "k_proj"],
         "exclude_modules": ".*1\\..*k_proj", "rank_pattern": {"q_proj": 2}, "alpha_pattern": {"k_(a|proj)": 1e1}, "bias": "none",
         "layers_to_transform": [0, 1], "layers_pattern": "layers", "modules_to_save": ["lm_head"], "lora_dropout": 0.1,
         "init_lora_weights": true, "auto_mapping": null, "loftq_config": {}, "revision": "\u00e4", "use_rslora": false}
        """;

    readonly AdapterFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_file_is_whole_before_it_is_damaged() => Assert.Equal(3, folder.Read(Whole).On("llama").Targets.Count);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_changed_byte_is_read_or_refused_in_a_sentence(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 700; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(Whole).ToList();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(3))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.RemoveAt(at);
                        break;
                    default:
                        bytes.Insert(at, (byte)"0[]{}\"\\,:n(*"[random.Next(12)]);
                        break;
                }
            }

            folder.Write(LoraConfig.FileName, [.. bytes]);
            var error = Record.Exception(() => LoraConfig.Read(folder.Path).On("llama"));
            Assert.True(
                error is null || (error is InvalidDataException or NotSupportedException
                    && error.Message.StartsWith(folder.ConfigPath, StringComparison.Ordinal)),
                $"Seed {seed}, round {i}: {error}\n{Encoding.UTF8.GetString([.. bytes])}");
        }
    }
}
