using OrtDpo.Safetensors.Tests;

namespace OrtDpo.Models.Tests;

/// <summary>Checkpoints whose head is not what <c>tie_word_embeddings</c> says.</summary>
public sealed class HeadCheckTests : IDisposable
{
    const string Flag = "tie_word_embeddings";

    const string Llama = """
        "model_type":"llama","hidden_size":4,"intermediate_size":6,"num_hidden_layers":1,"num_attention_heads":2,"num_key_value_heads":1,
        "vocab_size":5,"max_position_embeddings":8,"rms_norm_eps":1e-5
        """;

    const string Gpt2 = """ "model_type":"gpt2","n_embd":4,"n_layer":1,"n_head":2,"vocab_size":5,"n_positions":6""";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(Llama, "true", "")]
    [InlineData(Gpt2, "true", "")]
    [InlineData(Gpt2, null, ", as it is where it is not set")]
    public void A_tied_model_with_another_head_is_refused_by_the_flag(string config, string? flag, string addition)
    {
        var body = Tensors(config, flag);
        // The values count on: no two tensors are equal.
        var error = Refusal([.. body, ("lm_head.weight", [5, 4])]);
        Assert.StartsWith(
            $"{folder.File("config.json")}: {Flag} is true{addition}, and 'lm_head.weight' F32 [5, 4] ", error, StringComparison.Ordinal);
        Assert.EndsWith(
            $"Set {Flag} to false if the model was trained with this head; remove the tensor if its head is the embedding.",
            error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tied_head_of_another_size_is_another_head()
    {
        var body = Tensors(Llama, "true");
        Assert.Contains("'lm_head.weight' F32 [6, 4]", Refusal([.. body, ("lm_head.weight", [6, 4])]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Llama, "model.embed_tokens.weight", "lm_head.weight")]
    [InlineData(Gpt2, "transformer.wte.weight", "lm_head.weight")]
    [InlineData(Llama, "model.embed_tokens.weight", "language_model.lm_head.weight")]
    public void A_tied_head_that_repeats_the_embedding_is_said_and_changes_nothing(string config, string embedding, string head)
    {
        var body = Tensors(config, "true");
        string digest;
        using (var model = Write(body))
        {
            digest = ReferenceDigest.Compute(model);
        }

        // 64 numbers, after which the values begin again, lie between the two.
        (string, long[])[] repeated = [(embedding, [5, 4]), .. body.Where(t => t.Name != embedding), (head, [5, 4])];
        var file = HandMadeSafetensors.Model("F32", repeated);
        file.AsSpan(file.Length - RestBytes(repeated), 80).CopyTo(file.AsSpan(file.Length - 80));
        folder.Write("model.safetensors", file);
        using var opened = ModelFolder.Open(folder.Path);
        Assert.Equal($"'lm_head.weight' repeats '{embedding}' bit for bit, and is one with it ({Flag})", Assert.Single(opened.Notes));
        Assert.Equal(digest, ReferenceDigest.Compute(opened));
        Assert.DoesNotContain("lm_head.weight", opened.Parameters);
    }

    [Theory]
    [InlineData(Llama, "false", "")]
    [InlineData(Llama, null, ", as it is where it is not set")]
    [InlineData(Gpt2, "false", "")]
    public void An_untied_model_without_a_head_is_refused_by_the_flag(string config, string? flag, string addition)
    {
        var body = Tensors(config, flag).Where(t => t.Name != "lm_head.weight").ToArray();
        var error = Refusal(body);
        Assert.StartsWith(
            $"{folder.File("config.json")}: {Flag} is false{addition}, and the safetensors hold no 'lm_head.weight'", error,
            StringComparison.Ordinal);
        Assert.Contains($"Set {Flag} to true if its head is the embedding", error, StringComparison.Ordinal);
    }

    static int RestBytes((string, long[])[] tensors) =>
        (int)(sizeof(float) * tensors.Sum(t => t.Item2.Aggregate(1L, (count, dimension) => count * dimension)));

    (string Name, long[] Shape)[] Tensors(string config, string? flag)
    {
        folder.Write("config.json", $"{{{config}{(flag is null ? "" : $",\"{Flag}\":{flag}")}}}");
        return [.. ModelFolder.ModelOf(folder.Path).Parameters.Select(p => (p.Name, p.Shape))];
    }

    string Refusal((string, long[])[] tensors) => Assert.Throws<InvalidDataException>(() => Write(tensors)).Message;

    ModelFolder Write((string, long[])[] tensors)
    {
        folder.Write("model.safetensors", HandMadeSafetensors.Model("F32", tensors));
        return ModelFolder.Open(folder.Path);
    }
}
