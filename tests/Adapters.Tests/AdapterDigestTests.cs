using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OrtDpo.Safetensors;
using OrtDpo.Safetensors.Tests;

namespace OrtDpo.Adapters.Tests;

/// <summary>The identity of an adapter.</summary>
public sealed class AdapterDigestTests : IDisposable
{
    static readonly (string Name, long[] Shape)[] Tensors =
    [
        ("model.layers.0.self_attn.q_proj.lora_B.weight", [8, 2]),
        ("lm_head.weight", [20, 8]),
        ("model.layers.0.self_attn.k_proj.lora_A.weight", [2, 8]),
        ("model.layers.0.self_attn.k_proj.lora_B.weight", [4, 2]),
        ("model.layers.0.self_attn.q_proj.lora_A.weight", [2, 8]),
    ];

    static readonly LoraConfig Config = new()
    {
        Rank = 2,
        Alpha = 1,
        UseRsLora = true,
        TargetModules = Choices.Of("0.self_attn.q_proj 0.self_attn.k_proj"),
        ModulesToSave = ["lm_head"],
    };

    readonly AdapterFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_is_the_hash_of_the_bytes_that_its_documentation_names()
    {
        // float32 values 1, 2, …, 63, 0, 1, … through the tensors in the order of the file.
        var bytes = new List<byte>();
        Text("ortdpo-adapter-1");
        Int32(2);
        foreach (var (module, firstOfA, firstOfB, outFeatures) in new[] { ("k_proj", 177, 193, 4), ("q_proj", 201, 1, 8) })
        {
            var name = $"model.layers.0.self_attn.{module}";
            Text(name);
            Int32(2);
            Text("0.7071067811865475");
            Tensor($"{name}.lora_A.weight", [2, 8], firstOfA);
            Tensor($"{name}.lora_B.weight", [outFeatures, 2], firstOfB);
        }

        Int32(1);
        Tensor("lm_head.weight", [20, 8], 17);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([.. bytes])), Digest(Config));

        void Text(string text)
        {
            Int32(Encoding.UTF8.GetByteCount(text));
            bytes.AddRange(Encoding.UTF8.GetBytes(text));
        }

        void Int32(int value)
        {
            var four = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(four, value);
            bytes.AddRange(four);
        }

        void Tensor(string name, int[] shape, int first)
        {
            Text(name);
            Text("F32");
            Int32(shape.Length);
            foreach (var dimension in shape)
            {
                var eight = new byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(eight, dimension);
                bytes.AddRange(eight);
            }

            for (var i = 0; i < shape.Aggregate((a, b) => a * b); i++)
            {
                bytes.AddRange(BitConverter.GetBytes((float)((first + i) % 64)));
            }
        }
    }

    [Theory]
    [InlineData("re:.*0\\.self_attn\\.[qk]_proj")]
    [InlineData("0.self_attn.k_proj 0.self_attn.q_proj")]
    [InlineData("model.layers.0.self_attn.q_proj model.layers.0.self_attn.k_proj")]
    public void The_spelling_of_targets_does_not_count(string targets) =>
        Assert.Equal(Digest(Config), Digest(Config with { TargetModules = Choices.Of(targets) }));

    [Fact]
    public void What_changes_no_number_does_not_count()
    {
        var expected = Digest(Config);
        Assert.Equal(expected, Digest(Config with { TargetModules = Choices.Of("q_proj k_proj"), LayersToTransform = [0] }));
        Assert.Equal(expected, Digest(Config with { Dropout = 0.1, FanInFanOut = true, BaseModelNameOrPath = "x", Revision = "y" }));
        Assert.Equal(expected, Digest(Config with { Rank = 9, Alpha = 9, RankPattern = [new(".*", 2)], AlphaPattern = [new(".*", 1)] }));
        Assert.Equal(expected, Digest(Config with { UseRsLora = false, Alpha = 2 * (1 / Math.Sqrt(2)) }));
    }

    [Fact]
    public void The_order_of_the_file_does_not_count() => Assert.Equal(Digest(Config), Digest(Config, Rewritten));

    [Fact]
    public void Every_byte_and_the_scale_count()
    {
        var digests = new List<string>
        {
            Digest(Config),
            Digest(Config with { Alpha = 2 }),
            Digest(Config with { UseRsLora = false }),
            Digest(Config with { AlphaPattern = [new("k_proj", 3)] }),
            // The last byte of the file and the first of each tensor, counted from its end.
            Digest(Config, bytes => Changed(bytes, ^1)),
            Digest(Config, bytes => Changed(bytes, ^(4 * 16))),
            Digest(Config, bytes => Changed(bytes, ^(4 * (16 + 8)))),
            Digest(Config, bytes => Changed(bytes, ^(4 * (16 + 8 + 16)))),
            Digest(Config, bytes => Changed(bytes, ^(4 * (16 + 8 + 16 + 160)))),
            Digest(Config, bytes => Changed(bytes, ^(4 * (16 + 8 + 16 + 160 + 16)))),
        };
        Assert.Equal(digests.Count, digests.Distinct().Count());
    }

    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void The_dtype_counts(string dtype)
    {
        var expected = Digest(Config);
        folder.Write(AdapterFile.FileName, HandMadeSafetensors.Model(dtype, Prefixed()));
        Assert.NotEqual(expected, Computed(Config));
    }

    [Fact]
    public void It_is_lower_case_hexadecimal() => Assert.Matches("^[0-9a-f]{64}$", Digest(Config));

    string Digest(LoraConfig config, Func<byte[], byte[]>? change = null)
    {
        var bytes = HandMadeSafetensors.Model("F32", Prefixed());
        folder.Write(AdapterFile.FileName, change is null ? bytes : change(bytes));
        return Computed(config);
    }

    string Computed(LoraConfig config)
    {
        using var file = AdapterFile.Open(folder.Path, WeightMapping.ReadOnly);
        var targets = config.On("llama");
        file.Check(config, targets, KnownModels.LlamaShapes());
        return AdapterDigest.Compute(targets, file);
    }

    // The same tensors as the writer orders them.
    byte[] Rewritten(byte[] bytes)
    {
        folder.Write(AdapterFile.FileName, bytes);
        using var file = AdapterFile.Open(folder.Path, WeightMapping.ReadOnly);
        using var copy = new MemoryStream();
        AdapterFile.Write(copy, file.Tensors.Select(t => new TensorSource(t.Key, t.Value.Type, t.Value.Shape, file.Address(t.Key))));
        return copy.ToArray();
    }

    static byte[] Changed(byte[] bytes, Index at)
    {
        bytes[at] ^= 1;
        return bytes;
    }

    static (string Name, long[] Shape)[] Prefixed() => [.. Tensors.Select(t => ($"base_model.model.{t.Name}", t.Shape))];
}
