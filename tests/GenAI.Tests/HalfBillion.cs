using OrtDpo.Models;
using OrtDpo.Models.Families;
using OrtDpo.Safetensors;

namespace OrtDpo.GenAI.Tests;

/// <summary>A model folder of Qwen2.5-0.5B's shape, in bfloat16 as that is, with random weights.</summary>
static class HalfBillion
{
    /// <summary>Its longest sequence, in tokens.</summary>
    public const int Positions = 32768;

    const string Config = """
        {
          "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_act": "silu", "hidden_size": 896,
          "intermediate_size": 4864, "max_position_embeddings": 32768, "num_attention_heads": 14, "num_hidden_layers": 24,
          "num_key_value_heads": 2, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "tie_word_embeddings": true,
          "torch_dtype": "bfloat16", "use_sliding_window": false, "vocab_size": 151936
        }
        """;

    /// <summary>Writes the folder.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="tokenizer">The folder of its tokenizer's files.</param>
    public static void Write(TemporaryFolder folder, string tokenizer)
    {
        folder.Write("config.json", Config);
        foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"])
        {
            File.Copy(Path.Combine(tokenizer, file), folder.File(file));
        }

        var parameters = ModelFamilies.Read(folder.Path).Parameters;
        // Each matrix begins elsewhere in the same numbers; vectors, which scale or add, are ones.
        using var numbers = Numbers(parameters.Max(p => Count(p.Shape)) + parameters.Count);
        using var ones = Ones(parameters.Where(p => p.Shape.Length == 1).Max(p => Count(p.Shape)));
        using var weights = File.Create(folder.File("model.safetensors"));
        SafetensorsWriter.Write(weights, parameters.Select((p, i) => new TensorSource(
            p.Name, WeightType.BF16, p.Shape, p.Shape.Length == 1 ? ones.Address : numbers.Address + (sizeof(ushort) * i))));
    }

    static long Count(long[] shape) => shape.Aggregate(1L, (count, size) => count * size);

    static unsafe NativeBlock Ones(long count)
    {
        var block = NativeBlock.Allocate(count * sizeof(ushort));
        new Span<ushort>((void*)block.Address, (int)count).Fill(0x3F80);
        return block;
    }

    // Between −0.04 and 0.04.
    static unsafe NativeBlock Numbers(long count)
    {
        var block = NativeBlock.Allocate(count * sizeof(ushort));
        var target = (ushort*)block.Address;
        var state = 1UL;
        for (var i = 0L; i < count; i++)
        {
            // Knuth's constants of a linear congruential generator; the upper bits are the random ones.
            state = (state * 6364136223846793005) + 1442695040888963407;
            var number = 0.04f * (((state >> 40) / (float)(1 << 23)) - 1);
            target[i] = (ushort)(BitConverter.SingleToUInt32Bits(number) >> 16);
        }

        return block;
    }
}
