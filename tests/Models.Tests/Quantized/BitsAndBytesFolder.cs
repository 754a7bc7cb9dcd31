using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using OrtDpo.Models.Families;
using OrtDpo.Quantization.Tests;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>
/// A checkpoint as Transformers saves one whose linear layers are bitsandbytes' <c>Linear4bit</c>, with codes and scales without a pattern:
/// beside <c>X</c> the tensors of <c>QuantState.as_dict(packed=True)</c>. What <c>X</c> stands for is computed by the definition.
/// </summary>
sealed class BitsAndBytesFolder
{
    public const string State = ".quant_state.bitsandbytes__nf4";

    const int Block = 64, NestedBlock = 4;

    const float NestedOffset = 0.0421875f;

    // Odd numbers of inputs, so that rows begin in the middle of a byte, and of outputs, so that gate_proj's last byte is half empty.
    const string Model = """
        "model_type":"llama","hidden_size":15,"intermediate_size":17,"num_hidden_layers":2,"num_attention_heads":2,
        "num_key_value_heads":1,"head_dim":10,"vocab_size":12,"max_position_embeddings":16,"rms_norm_eps":1e-5,
        """;

    /// <summary>What Transformers 4.5x writes of a <c>BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4")</c>.</summary>
    public const string Quantization = """
        {"_load_in_4bit":true,"_load_in_8bit":false,"bnb_4bit_compute_dtype":"bfloat16","bnb_4bit_quant_storage":"uint8",
         "bnb_4bit_quant_type":"nf4","bnb_4bit_use_double_quant":false,"llm_int8_enable_fp32_cpu_offload":false,
         "llm_int8_has_fp16_weight":false,"llm_int8_skip_modules":null,"llm_int8_threshold":6.0,"load_in_4bit":true,"load_in_8bit":false,
         "quant_method":"bitsandbytes"}
        """;

    readonly TemporaryFolder folder;
    readonly Random random = new(8);

    /// <param name="folder">Where it is to be.</param>
    /// <param name="nested">Whether scales are quantized themselves.</param>
    /// <param name="tied">Whether the head is the embedding.</param>
    public BitsAndBytesFolder(TemporaryFolder folder, bool nested = false, bool tied = false)
    {
        this.folder = folder;
        WriteConfig(Quantization, tied);
        var linear = TinyFolder.LinearWeights("llama");
        foreach (var (name, shape) in ModelFamilies.Read(folder.Path).Parameters)
        {
            if (linear.Contains(name))
            {
                Quantize(name, (int)shape[0], (int)shape[1], nested);
            }
            else
            {
                File.Add(name, "BF16", shape, TinyFolder.Narrowed(TinyFolder.Normal(random, shape.Aggregate(1L, (a, b) => a * b)), "BF16"));
            }
        }
    }

    /// <summary>The tensors that are written.</summary>
    public TensorFile File { get; } = new();

    /// <summary>What matrices stand for.</summary>
    public Dictionary<string, float[]> Numbers { get; } = [];

    public void WriteConfig(string quantization, bool tied = false) => folder.Write(
        "config.json", $"{{{Model}\"tie_word_embeddings\":{(tied ? "true" : "false")},\"quantization_config\":{quantization}}}");

    public void Write() => folder.Write("model.safetensors", File.ToBytes());

    /// <summary>Writes two shards, the parts of each weight in both.</summary>
    public void WriteShards()
    {
        var (first, second) = (new TensorFile(), new TensorFile());
        first.Tensors.AddRange(File.Tensors.Where((_, i) => i % 2 == 0));
        second.Tensors.AddRange(File.Tensors.Where((_, i) => i % 2 == 1));
        folder.Write("model-00001-of-00002.safetensors", first.ToBytes());
        folder.Write("model-00002-of-00002.safetensors", second.ToBytes());
        var map = File.Tensors.Select((t, i) => $"\"{t.Name}\":\"model-0000{1 + (i % 2)}-of-00002.safetensors\"");
        folder.Write("model.safetensors.index.json", $"{{\"metadata\":{{}},\"weight_map\":{{{string.Join(',', map)}}}}}");
    }

    /// <summary>Puts a weight in 4 bits among the tensors, in place of one of its name.</summary>
    public void Quantize(string name, int rows, int columns, bool nested = false)
    {
        File.Tensors.RemoveAll(t => t.Name == name);
        var count = rows * columns;
        var (codes, scales) = (new byte[(count + 1) / 2], (count + Block - 1) / Block);
        random.NextBytes(codes);
        var absMax = TinyFolder.Normal(random, scales).Select(MathF.Abs).ToArray();
        var state = $$"""{"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [{{rows}}, {{columns}}]""";
        File.Add(name, "U8", [codes.Length, 1], codes);
        File.Add($"{name}.quant_map", "F32", [16], TinyFolder.Narrowed([.. Naive.Levels.Select(level => (float)level)], "F32"));
        if (nested)
        {
            absMax = Nested(name, scales);
            state += $", \"nested_blocksize\": {NestedBlock}, \"nested_dtype\": \"float32\", \"nested_offset\": "
                + NestedOffset.ToString(CultureInfo.InvariantCulture);
        }
        else
        {
            File.Add($"{name}.absmax", "F32", [scales], TinyFolder.Narrowed(absMax, "F32"));
        }

        var json = Encoding.UTF8.GetBytes(state + "}");
        File.Add(name + State, "U8", [json.Length], json);
        // The first of two is in the high nibble. The product of two float32 is exact in float64.
        Numbers[name] =
        [
            .. Enumerable.Range(0, count).Select(i =>
                (float)(Naive.Levels[i % 2 == 0 ? codes[i / 2] >> 4 : codes[i / 2] & 15] * absMax[i / Block])),
        ];
    }

    /// <summary>Scales as floats in place of those that are quantized themselves: another file of the same weights.</summary>
    public void Unnest()
    {
        foreach (var name in Numbers.Keys)
        {
            var state = Encoding.UTF8.GetString(File[name + State].Bytes);
            state = state[..state.IndexOf(", \"nested_blocksize\"", StringComparison.Ordinal)] + "}";
            File[name + State] = new(name + State, "U8", [state.Length], Encoding.UTF8.GetBytes(state));
            var absMax = Scales(name);
            File[$"{name}.absmax"] = new($"{name}.absmax", "F32", [absMax.Length], TinyFolder.Narrowed(absMax, "F32"));
            File.Remove($"{name}.nested_absmax");
            File.Remove($"{name}.nested_quant_map");
        }
    }

    float[] Nested(string name, int scales)
    {
        var codes = new byte[scales];
        random.NextBytes(codes);
        File.Add($"{name}.absmax", "U8", [scales], codes);
        var absMax = TinyFolder.Normal(random, (scales + NestedBlock - 1) / NestedBlock).Select(MathF.Abs).ToArray();
        File.Add($"{name}.nested_absmax", "F32", [absMax.Length], TinyFolder.Narrowed(absMax, "F32"));
        var map = TinyFolder.Normal(random, 256).Order().ToArray();
        File.Add($"{name}.nested_quant_map", "F32", [256], TinyFolder.Narrowed(map, "F32"));
        return Scales(name);
    }

    // dequantize_blockwise(absmax, state2) + offset, each step rounded to float32.
    float[] Scales(string name)
    {
        var map = MemoryMarshal.Cast<byte, float>(File[$"{name}.nested_quant_map"].Bytes).ToArray();
        var absMax = MemoryMarshal.Cast<byte, float>(File[$"{name}.nested_absmax"].Bytes).ToArray();
        return
        [
            .. File[$"{name}.absmax"].Bytes.Select(
                (code, i) => (float)((double)(float)((double)map[code] * absMax[i / NestedBlock]) + NestedOffset)),
        ];
    }
}
