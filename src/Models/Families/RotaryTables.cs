using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Families;

/// <summary>The angles of rotary positions (arXiv:2104.09864, Eq. 15).</summary>
public static class RotaryTables
{
    /// <summary>The fragments' input that holds the cosines.</summary>
    public const string Cos = "rope_cos";

    /// <summary>The fragments' input that holds the sines.</summary>
    public const string Sin = "rope_sin";

    /// <summary>cos and sin of position · theta^(−2i/D), <c>[positions, D / 2]</c>, row-major, in float64.</summary>
    public static (double[] Cos, double[] Sin) Build(LlamaConfig config)
    {
        var half = config.HeadDim / 2;
        var frequencies = config.RopeFrequencies();
        var cos = new double[config.MaxPositionEmbeddings * half];
        var sin = new double[cos.Length];
        for (var position = 0; position < config.MaxPositionEmbeddings; position++)
        {
            for (var i = 0; i < half; i++)
            {
                (sin[(position * half) + i], cos[(position * half) + i]) = Math.SinCos(position * frequencies[i]);
            }
        }

        return (cos, sin);
    }

    /// <summary><c>[positions, D / 2]</c>.</summary>
    public static Shape ShapeOf(LlamaConfig config) => new(config.MaxPositionEmbeddings, config.HeadDim / 2);
}
