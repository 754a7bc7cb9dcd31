using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;

namespace OrtDpo.Autodiff.Tests.Precision;

/// <summary>Fragments with what decoders have: norms of both kinds, biases, rotary positions, attention, gates, a head.</summary>
static class PrecisionCases
{
    const int Hidden = 16, Inner = 24, Heads = 4, Groups = 2, HeadSize = 4, Vocabulary = 23;

    /// <summary>By name: the fragment, its seed, the wanted input.</summary>
    public static Dictionary<string, (Func<Fragment> Fragment, string Seed, string[] Wanted)> All { get; } = new()
    {
        ["embed"] = (Embed, FragmentPorts.Hidden, []),
        ["layer"] = (Layer, FragmentPorts.HiddenOut, [FragmentPorts.Hidden]),
        ["head"] = (Head, FragmentPorts.TokenLogps, [FragmentPorts.Hidden]),
        ["rows"] = (() => VocabularyCut.Of(Head())!.Rows, VocabularyCut.RowsOutput, [FragmentPorts.Hidden]),
    };

    /// <summary>Fragments, kept or recomputed, with or without trained parameters.</summary>
    public static TheoryData<string, bool, bool> Gradients
    {
        get
        {
            var cases = new TheoryData<string, bool, bool>();
            foreach (var name in All.Keys)
            {
                cases.Add(name, true, true);
                cases.Add(name, false, true);
                cases.Add(name, false, false);
            }

            return cases;
        }
    }

    public static FragmentGradient Gradient(string name, bool keep, bool trains)
    {
        var (write, seed, wanted) = All[name];
        var fragment = write();
        return FragmentGradient.Build(fragment.Graph, [seed], wanted, trains ? fragment.ParameterNames.Keys : [], keep);
    }

    public static Fragment Layer()
    {
        var b = new GraphBuilder("layer");
        var parameters = new List<string>();
        var hidden = b.Input(FragmentPorts.Hidden, DataType.Float32, new Shape("B", "S", Hidden));
        var mask = b.Input(FragmentPorts.Mask, DataType.Float32, new Shape("B", 1, "S", "S"));
        var positions = b.Input(FragmentPorts.PositionIds, DataType.Int64, new Shape("B", "S"));
        var (cos, sin) = (b.Input("rope_cos", DataType.Float32, new Shape(32, 2)), b.Input("rope_sin", DataType.Float32, new Shape(32, 2)));

        var x = b.RmsNorm(hidden, Parameter("norm.weight", Hidden), 1e-5).Normalised;
        var q = b.Rope(ByHead(Linear(x, "q", Hidden, Hidden), Heads), positions, cos, sin);
        var k = b.Rope(ByHead(Linear(x, "k", Groups * HeadSize, Hidden), Groups), positions, cos, sin);
        var v = ByHead(Linear(x, "v", Groups * HeadSize, Hidden), Groups);
        var read = b.Transpose(b.Attention(q, k, v, mask, 0.5, softCap: 30), 0, 2, 1, 3);
        hidden = b.Add(hidden, Linear(b.Reshape(read, new Shape("B", "S", Hidden)), "o", Hidden, Hidden));

        x = b.LayerNorm(hidden, Parameter("ln.weight", Hidden), Parameter("ln.bias", Hidden), 1e-5);
        var gate = Linear(x, "gate", Inner, Hidden);
        var inner = b.Mul(b.Add(b.Mul(gate, b.Sigmoid(gate)), b.Gelu(gate, byTanh: true)), Linear(x, "up", Inner, Hidden));
        hidden = b.Add(hidden, Linear(inner, "down", Hidden, Inner));
        return Fragment(b, parameters, (FragmentPorts.HiddenOut, hidden));

        Value Parameter(string name, params Dim[] shape)
        {
            parameters.Add(name);
            return b.Input(name, DataType.Float32, new Shape(shape));
        }

        Value Linear(Value y, string name, int rows, int columns) =>
            b.Add(b.Linear(y, Parameter($"{name}.weight", rows, columns)), Parameter($"{name}.bias", rows));

        Value ByHead(Value y, int count) => b.Transpose(b.Reshape(y, new Shape("B", "S", count, HeadSize)), 0, 2, 1, 3);
    }

    static Fragment Embed()
    {
        var b = new GraphBuilder("embed");
        var ids = b.Input(FragmentPorts.InputIds, DataType.Int64, new Shape("B", "S"));
        var table = b.Input("embed.weight", DataType.Float32, new Shape(Vocabulary, Hidden));
        var hidden = b.Mul(b.Gather(table, ids), b.Scalar(4, DataType.Float32));
        var index = b.Indices(ids, 1);
        var seen = b.Add("LessOrEqual", [b.Unsqueeze(index, 0), b.Unsqueeze(index, 1)]);
        var mask = b.Where(seen, b.Scalar(0, DataType.Float32), b.Scalar(-1e30, DataType.Float32));
        return Fragment(b, ["embed.weight"], (FragmentPorts.Hidden, hidden), (FragmentPorts.Mask, mask));
    }

    static Fragment Head()
    {
        var b = new GraphBuilder("head");
        var hidden = b.Input(FragmentPorts.Hidden, DataType.Float32, new Shape("B", "S", Hidden));
        var index = b.Input(FragmentPorts.CompletionIndex, DataType.Int64, new Shape("R"));
        var ids = b.Input(FragmentPorts.CompletionIds, DataType.Int64, new Shape("R"));
        var scored = b.Input(FragmentPorts.CompletionMask, DataType.Float32, new Shape("R"));
        var norm = b.Input("norm.weight", DataType.Float32, new Shape(Hidden));
        var vocabulary = b.Input("lm_head.weight", DataType.Float32, new Shape(Vocabulary, Hidden));
        var rows = b.Gather(b.Reshape(hidden, new Shape((Dim)"B" * "S", Hidden)), index);
        var logps = b.TokenLogProbs(b.RmsNorm(rows, norm, 1e-5).Normalised, vocabulary, ids);
        var zero = b.Scalar(0, DataType.Float32);
        return Fragment(
            b, ["norm.weight", "lm_head.weight"], (FragmentPorts.TokenLogps, b.Where(b.Add("Greater", [scored, zero]), logps, zero)));
    }

    static Fragment Fragment(GraphBuilder b, IEnumerable<string> parameters, params (string, Value)[] outputs) =>
        new(b.Build(outputs), parameters.ToDictionary(p => p, p => $"model.{p}", StringComparer.Ordinal));
}
