using OrtDpo.Safetensors.Tests;

namespace OrtDpo.Models.Tests;

public sealed class ModelFolderTests : IDisposable
{
    const string Config = """
        {"model_type":"llama","hidden_size":4,"intermediate_size":6,"num_hidden_layers":2,"num_attention_heads":2,"num_key_value_heads":1,
         "vocab_size":5,"max_position_embeddings":8,"rms_norm_eps":1e-5,"tie_word_embeddings":true}
        """;

    readonly TemporaryFolder folder = new();
    readonly (string Name, long[] Shape)[] tensors;

    public ModelFolderTests()
    {
        folder.Write("config.json", Config);
        tensors = [.. ModelFolder.ModelOf(folder.Path).Parameters.Select(p => (p.Name, p.Shape))];
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_parameters_of_a_tied_model_are_those_of_hugging_face()
    {
        using var model = Write("F32", tensors);
        Assert.Equal(1 + (2 * 9) + 1, model.Parameters.Count);
        Assert.Equal([2, 4], model.Find("model.layers.1.self_attn.v_proj.weight")!.Shape);
        Assert.Equal([4, 6], model.Find("model.layers.0.mlp.down_proj.weight")!.Shape);
        Assert.Null(model.Find("lm_head.weight"));
    }

    [Theory]
    [InlineData("F32")]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void Every_weight_type_gives_the_same_floats(string dtype)
    {
        using var model = Write(dtype, tensors);
        using var store = new WeightStore(model);
        var expected = 1;
        foreach (var tensor in store.Tensors)
        {
            foreach (var value in tensor.AsSpan())
            {
                Assert.Equal(expected++ % 64, value);
            }
        }

        Assert.Equal([5, 4], store["model.embed_tokens.weight"].Shape);
    }

    [Fact]
    public void Shards_are_one_model_with_the_digest_of_the_single_file()
    {
        string single;
        using (var model = Write("F32", tensors))
        {
            single = ReferenceDigest.Compute(model);
        }

        WriteShards(tensors[..3], tensors[3..]);
        using var sharded = ModelFolder.Open(folder.Path);
        Assert.Equal(tensors.Length, sharded.Parameters.Count);
        Assert.EndsWith("model-2.safetensors", sharded.FileOf("model.norm.weight"), StringComparison.Ordinal);
        Assert.Equal(single, ReferenceDigest.Compute(sharded));
    }

    [Fact]
    public void The_digest_changes_with_bytes_dtype_and_configuration_and_not_with_the_order_of_tensors()
    {
        var digests = new HashSet<string>();
        using (var model = Write("F32", tensors))
        {
            Assert.True(digests.Add(ReferenceDigest.Compute(model)));
        }

        using (var model = Write("F16", tensors))
        {
            Assert.True(digests.Add(ReferenceDigest.Compute(model)));
        }

        var bytes = HandMadeSafetensors.Model("F32", tensors);
        bytes[^1] ^= 1;
        folder.Write("model.safetensors", bytes);
        using (var model = ModelFolder.Open(folder.Path))
        {
            Assert.True(digests.Add(ReferenceDigest.Compute(model)));
        }

        folder.Write("config.json", Config.Replace("1e-5", "1e-6", StringComparison.Ordinal));
        using (var model = Write("F32", tensors))
        {
            Assert.True(digests.Add(ReferenceDigest.Compute(model)));
        }

        folder.Write(
            "config.json",
            Config.Replace("\"max_position_embeddings\":8", "\"max_position_embeddings\":9,\"eos_token_id\":2", StringComparison.Ordinal));
        using (var model = Write("F32", tensors))
        {
            Assert.False(digests.Add(ReferenceDigest.Compute(model)));
        }
    }

    [Fact]
    public void A_missing_weight_is_named_with_its_shape() =>
        Refused(
            "tensor 'model.layers.1.mlp.up_proj.weight' is missing from the safetensors. Expected [6, 4]",
            [.. tensors.Where(t => !t.Name.Contains("1.mlp.up", StringComparison.Ordinal))]);

    [Fact]
    public void A_weight_of_another_shape_is_named_with_both_shapes() =>
        Refused("tensor 'model.norm.weight' is [5]. Expected [4]", [.. tensors[..^1], ("model.norm.weight", [5])]);

    [Fact]
    public void A_weight_that_belongs_to_nothing_is_named() =>
        Refused(
            "tensor 'model.layers.2.mlp.up_proj.weight' [6, 4] is no parameter",
            [.. tensors, ("model.layers.2.mlp.up_proj.weight", [6, 4])]);

    [Fact]
    public void Rotary_buffers_of_old_checkpoints_are_passed_over()
    {
        using var model = Write("F32", [.. tensors, ("model.layers.0.self_attn.rotary_emb.inv_freq", [1])]);
        Assert.Equal(tensors.Length, model.Parameters.Count);
    }

    [Fact]
    public void A_folder_without_weights_or_without_configuration_is_named()
    {
        Assert.Contains(
            "holds neither model.safetensors nor",
            Assert.Throws<FileNotFoundException>(() => ModelFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => ModelFolder.Open(folder.File("nowhere")));
        File.Delete(folder.File("config.json"));
        Assert.Contains(
            "config.json does not exist",
            Assert.Throws<FileNotFoundException>(() => ModelFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"../b.safetensors"}}""", "Expected the name of a file in the same folder")]
    [InlineData("""{"weight_map":{"a":"b.safetensors","a":"b.safetensors"}}""", "names 'a' twice")]
    [InlineData("""{"weight_map":[]}""", "weight_map is missing")]
    [InlineData("""{""", "is not JSON")]
    public void A_damaged_index_is_refused(string index, string message)
    {
        folder.Write("model.safetensors.index.json", index);
        Assert.Contains(
            message, Assert.Throws<InvalidDataException>(() => ModelFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_that_disagrees_with_its_shards_is_refused()
    {
        WriteShards(tensors[..3], tensors[3..]);
        folder.Write("model-1.safetensors", HandMadeSafetensors.Model("F32", tensors[..2]));
        Assert.Contains(
            "which does not hold it",
            Assert.Throws<InvalidDataException>(() => ModelFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
        folder.Write("model-1.safetensors", HandMadeSafetensors.Model("F32", tensors[..4]));
        Assert.Contains(
            "does not place there",
            Assert.Throws<InvalidDataException>(() => ModelFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
        File.Delete(folder.File("model-2.safetensors"));
        Assert.Contains(
            "model-2.safetensors does not exist",
            Assert.Throws<FileNotFoundException>(() => ModelFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stories260K_opens_with_every_weight_in_place()
    {
        var path = SharedData.Folder("stories260K");
        using var model = ModelFolder.Open(path);
        using var store = new WeightStore(model);
        Assert.Equal(5, model.Model.Sizes.Layers);
        Assert.Equal([512, 64], store["model.embed_tokens.weight"].Shape);
        // The header's data begin after 8 + 4848 bytes, and the embedding is the file's first tensor.
        var first = BitConverter.ToSingle(File.ReadAllBytes(Path.Combine(path, "model.safetensors")), 8 + 4848);
        Assert.Equal(first, store["model.embed_tokens.weight"].AsSpan()[0]);
        Assert.Equal(260_032, store.Tensors.Sum(t => t.Count));
    }

    ModelFolder Write(string dtype, (string, long[])[] content)
    {
        folder.Write("model.safetensors", HandMadeSafetensors.Model(dtype, content));
        return ModelFolder.Open(folder.Path);
    }

    void WriteShards((string Name, long[] Shape)[] first, (string Name, long[] Shape)[] second)
    {
        File.Delete(folder.File("model.safetensors"));
        folder.Write("model-1.safetensors", HandMadeSafetensors.Model("F32", first));
        folder.Write("model-2.safetensors", HandMadeSafetensors.Model("F32", second, before: first));
        var map = first.Select(t => $"\"{t.Name}\":\"model-1.safetensors\"")
            .Concat(second.Select(t => $"\"{t.Name}\":\"model-2.safetensors\""));
        folder.Write("model.safetensors.index.json", $$"""{"metadata":{"total_size":1},"weight_map":{ {{string.Join(',', map)}} } }""");
    }

    void Refused(string message, (string, long[])[] content) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Write("F32", content)).Message, StringComparison.Ordinal);
}
