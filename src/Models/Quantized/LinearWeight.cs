using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Quantized;

/// <summary>A linear weight of a model's layers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Place">What the name tells.</param>
/// <param name="Rows">Its outputs.</param>
/// <param name="Columns">Its inputs.</param>
sealed record LinearWeight(string Name, LinearPlace Place, int Rows, int Columns)
{
    /// <summary>All of a model's, in the order of the forward pass.</summary>
    /// <exception cref="NotSupportedException">One lies [in, out], or its name tells no place.</exception>
    public static IReadOnlyList<LinearWeight> Of(DecoderModel model)
    {
        var products = QuantizedBase.LinearWeights(model);
        if (products.Count == 0)
        {
            throw Unplaced(model, "which has no linear weights");
        }

        return [.. products.Select(p =>
            p.Product.IsInOut ? throw Unplaced(model, $"whose weight '{p.Name}' lies [in, out]")
            : LinearPlace.Of(p.Name) is not { } place ? throw Unplaced(model, $"whose weight '{p.Name}' names no module of a layer")
            : new LinearWeight(p.Name, place, checked((int)p.Product.OutFeatures), checked((int)p.Product.InFeatures)))];
    }

    static NotSupportedException Unplaced(DecoderModel model, string why) => new(
        $"MatMulNBits nodes cannot be assigned to a model of the family '{model.Family}', {why}. Expected weights [out, in] with names "
        + "like 'model.layers.0.self_attn.q_proj.weight', as Hugging Face's folders of Llama and its relatives have. Quantize this model's "
        + "own weights.");
}
