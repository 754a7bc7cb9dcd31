using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

static partial class GradientCases
{
    static Dictionary<string, Func<TestGraph, Value>> Rotary => new()
    {
        ["RotaryEmbedding"] = g => Rotated(g, g.Real("x", "B", 2, "S", 8), g.Ids("positions", 7, "B", "S")),
        ["RotaryEmbedding, from a first position"] = g => Rotated(g, g.Real("x", "B", 2, "S", 8), g.B.Int64s(2)),
        ["RotaryEmbedding, interleaved"] = g => Rotated(g, g.Real("x", "B", 2, "S", 8), g.Ids("positions", 7, "B", "S"), interleaved: 1),
        ["RotaryEmbedding, heads side by side"] = g => Rotated(g, g.Real("x", "B", "S", 16), g.Ids("positions", 7, "B", "S")),
        ["RotaryEmbedding, heads side by side, counted"] = g => Rotated(g, g.Real("x", "B", "S", 24), g.B.Int64s(1), heads: 2, width: 8),
        ["RotaryEmbedding, part of a head, interleaved"] = g =>
            Rotated(g, g.Real("x", "B", 2, "S", 12), g.Ids("positions", 7, "B", "S"), interleaved: 1, heads: 2, width: 8),
    };

    static Value Rotated(TestGraph g, Value x, Value positions, long interleaved = 0, long heads = 0, long width = 0)
    {
        var attributes = Attributes.None.With("interleaved", interleaved).With("num_heads", heads).With("rotary_embedding_dim", width);
        return g.B.Add(new Op(Op.Microsoft, "RotaryEmbedding"), [x, positions, g.Given("cos", 7, 4), g.Given("sin", 7, 4)], attributes);
    }
}
