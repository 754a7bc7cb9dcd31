using OrtDpo.Safetensors.Tests;

namespace OrtDpo.Models.Tests;

/// <summary>The forms in which GPT-2's checkpoints come.</summary>
public sealed class Gpt2FolderTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly (string Name, long[] Shape)[] tensors;

    public Gpt2FolderTests()
    {
        folder.Write("config.json", """{"model_type":"gpt2","n_embd":4,"n_layer":2,"n_head":2,"vocab_size":5,"n_positions":6}""");
        tensors = [.. ModelFolder.ModelOf(folder.Path).Parameters.Select(p => (p.Name, p.Shape))];
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Parameters_are_those_of_hugging_face_with_matrices_from_input_to_output()
    {
        using var model = Write(tensors);
        Assert.Equal(2 + (2 * 12) + 2, model.Parameters.Count);
        Assert.Equal([4, 12], model.Find("transformer.h.1.attn.c_attn.weight")!.Shape);
        Assert.Equal([16, 4], model.Find("transformer.h.0.mlp.c_proj.weight")!.Shape);
        Assert.Equal([6, 4], model.Find("transformer.wpe.weight")!.Shape);
    }

    [Fact]
    public void With_and_without_the_prefix_it_is_the_same_model()
    {
        string prefixed;
        using (var model = Write(tensors))
        {
            prefixed = ReferenceDigest.Compute(model);
        }

        using var bare = Write([.. tensors.Select(t => (t.Name["transformer.".Length..], t.Shape))]);
        Assert.Equal(prefixed, ReferenceDigest.Compute(bare));
        using var store = new WeightStore(bare);
        Assert.Equal(1, store["transformer.wte.weight"].AsSpan()[0]);
    }

    [Fact]
    public void Masks_of_old_checkpoints_are_no_parameters()
    {
        using var model = Write(
            [
                .. tensors,
                ("transformer.h.0.attn.bias", [1, 1, 6, 6]),
                ("h.1.attn.bias", [1, 1, 6, 6]),
                ("transformer.h.0.attn.masked_bias", [1]),
            ]);
        Assert.Equal(tensors.Length, model.Parameters.Count);
    }

    [Fact]
    public void A_parameter_under_both_names_is_refused()
    {
        var error = Assert.Throws<InvalidDataException>(() => Write([.. tensors, ("wte.weight", [5, 4])]));
        Assert.Contains("'transformer.wte.weight' and 'wte.weight' are the same parameter", error.Message, StringComparison.Ordinal);
    }

    ModelFolder Write((string, long[])[] content)
    {
        folder.Write("model.safetensors", HandMadeSafetensors.Model("F32", content));
        return ModelFolder.Open(folder.Path);
    }
}
