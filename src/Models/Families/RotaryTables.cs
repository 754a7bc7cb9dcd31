using OrtDpo.Autodiff.Building;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>The angles of rotary positions (arXiv:2104.09864, Eq. 15), <c>[positions, width / 2]</c>, and the fragments' inputs that hold
/// them.</summary>
/// <param name="Cos">The input that holds the cosines.</param>
/// <param name="Sin">The input that holds the sines.</param>
/// <param name="Rotary">Their frequencies.</param>
/// <param name="Positions">Rows.</param>
/// <param name="HeadDim">Features of a head, of which the first are rotated.</param>
public sealed record RotaryTables(string Cos, string Sin, RotaryEmbedding Rotary, int Positions, int HeadDim)
{
    /// <summary>Of the layers that see everything, and of all where there is one kind.</summary>
    public static RotaryTables Of(LlamaConfig config) => Of(config, "rope", config.Rotary);

    /// <summary>Of the layers with a window, which may have a base of their own.</summary>
    public static RotaryTables OfSliding(LlamaConfig config) =>
        config.SlidingRotary is { } local ? Of(config, "rope_sliding", local) : Of(config);

    /// <summary><c>[positions, width / 2]</c>.</summary>
    public Shape Shape => new(Positions, Rotary.Width(HeadDim) / 2);

    /// <summary>cos and sin of position · frequency, times the attention factor, row-major, in float64.</summary>
    public IEnumerable<ModelTable> Build()
    {
        var frequencies = Rotary.InverseFrequencies(HeadDim);
        var factor = Rotary.Scaling.AttentionFactor;
        var half = frequencies.Length;
        var cos = new double[Positions * half];
        var sin = new double[cos.Length];
        for (var position = 0; position < Positions; position++)
        {
            for (var i = 0; i < half; i++)
            {
                var (s, c) = Math.SinCos(position * frequencies[i]);
                (sin[(position * half) + i], cos[(position * half) + i]) = (s * factor, c * factor);
            }
        }

        return [new(Cos, Shape, cos), new(Sin, Shape, sin)];
    }

    static RotaryTables Of(LlamaConfig config, string name, RotaryEmbedding rotary) =>
        new($"{name}_cos", $"{name}_sin", rotary, config.MaxPositionEmbeddings, config.HeadDim);
}
