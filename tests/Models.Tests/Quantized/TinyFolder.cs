using System.Runtime.InteropServices;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Quantized;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>Folders of the tiny models of <see cref="HostedFolder"/> with weights in them, and what their linear weights are.</summary>
static class TinyFolder
{
    static readonly string[] LlamaModules =
        ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"];

    static readonly string[] Gpt2Modules = ["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"];

    /// <summary>The linear weights of two layers, by Hugging Face's names.</summary>
    public static IReadOnlyList<string> LinearWeights(string family) =>
    [
        .. from layer in (int[])[0, 1]
           from module in family == "gpt2" ? Gpt2Modules : LlamaModules
           select (family == "gpt2" ? $"transformer.h.{layer}." : $"model.layers.{layer}.") + module + ".weight",
    ];

    /// <summary>A model of a family with numbers of a normal distribution.</summary>
    /// <returns>The numbers, as they are after they were cut to the type.</returns>
    public static Dictionary<string, float[]> WriteModel(
        this TemporaryFolder folder, string family = "llama", string type = "F32", int seed = 1,
        Action<Dictionary<string, float[]>>? change = null) => folder.WriteWeights(folder.Model(family), type, seed, change);

    /// <summary>Weights of a model whose configuration is there.</summary>
    public static Dictionary<string, float[]> WriteWeights(
        this TemporaryFolder folder, DecoderModel model, string type, int seed, Action<Dictionary<string, float[]>>? change = null)
    {
        var random = new Random(seed);
        var numbers = model.Parameters.ToDictionary(p => p.Name, p => Normal(random, p.Shape.Aggregate(1L, (a, b) => a * b)));
        change?.Invoke(numbers);
        var file = new TensorFile();
        foreach (var (name, shape) in model.Parameters)
        {
            file.Add(name, type, shape, Narrowed(numbers[name], type));
        }

        folder.Write("model.safetensors", file.ToBytes());
        return file.Tensors.ToDictionary(t => t.Name, t => Widened(t.Bytes, type));
    }

    /// <summary>Numbers as bytes of a type.</summary>
    public static byte[] Narrowed(float[] numbers, string type) => type switch
    {
        "F32" => MemoryMarshal.AsBytes<float>(numbers).ToArray(),
        "F16" => MemoryMarshal.AsBytes<Half>([.. numbers.Select(n => (Half)n)]).ToArray(),
        _ => MemoryMarshal.AsBytes<ushort>([.. numbers.Select(n => (ushort)(BitConverter.SingleToUInt32Bits(n) >> 16))]).ToArray(),
    };

    /// <summary>A matrix [rows, columns] as [columns, rows].</summary>
    public static float[] Transposed(float[] matrix, int columns)
    {
        var rows = matrix.Length / columns;
        return [.. Enumerable.Range(0, matrix.Length).Select(i => matrix[(i % rows * columns) + (i / rows)])];
    }

    /// <summary>A weight's numbers as the model's parameter has them; dequantised in two parts.</summary>
    public static unsafe float[] Numbers(this QuantizedWeight weight)
    {
        var numbers = new float[weight.Count];
        numbers.AsSpan().Fill(float.NaN);
        fixed (float* parameter = numbers)
        {
            weight.Dequantise(0, weight.Rows / 3, (nint)parameter);
            weight.Dequantise(weight.Rows / 3, weight.Rows - (weight.Rows / 3), (nint)parameter);
        }

        return numbers;
    }

    /// <summary>The numbers that a folder points at.</summary>
    public static unsafe float[] Numbers(this ModelFolder folder, string name)
    {
        var entry = folder.Find(name)!;
        return Widened(new ReadOnlySpan<byte>((void*)folder.Address(name), (int)entry.ByteCount).ToArray(), entry.Type.ToString());
    }

    public static float[] Normal(Random random, long count) =>
    [
        .. Enumerable.Range(0, (int)count).Select(_ => (float)(
            0.05 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))),
    ];

    static float[] Widened(byte[] bytes, string type) => type switch
    {
        "F32" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        "F16" => [.. MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Select(h => (float)h)],
        _ => [.. MemoryMarshal.Cast<byte, ushort>(bytes).ToArray().Select(b => BitConverter.UInt32BitsToSingle((uint)b << 16))],
    };
}
