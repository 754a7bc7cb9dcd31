using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Objectives;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>
/// An objective behind a model, from <c>token_logps</c> to <c>loss</c> and the rewards. Its inputs and outputs are the model's type;
/// between them it computes in float64, in which a sum of a thousand nats loses nothing that a step of training moves.
/// </summary>
sealed class ComposedObjective
{
    static readonly string[] BeforeScalars =
    [
        LossPorts.RefChosenLogps, LossPorts.RefRejectedLogps, LossPorts.RefLogps, LossPorts.Labels, LossPorts.Kl, LossPorts.Lengths,
    ];

    static readonly string[] Rewards = [LossPorts.ChosenReward, LossPorts.RejectedReward, LossPorts.Reward];

    readonly Objective objective;
    readonly DataType type;
    readonly OnnxGraph graph;
    readonly Dictionary<string, Value> inputs = new(StringComparer.Ordinal);

    public ComposedObjective(Objective objective, DataType type)
    {
        this.objective = objective;
        this.type = type;
        graph = objective.Build(DataType.Float64);
    }

    /// <summary>R: twice the pairs, or as many as there are.</summary>
    public Dim Completions => objective.Rows == ObjectiveRows.Pairs ? (Dim)2 * "P" : "R";

    /// <summary>Its numbers by the names of their inputs, LD-DPO's with them.</summary>
    public static IEnumerable<KeyValuePair<string, double>> ScalarsOf(Objective objective) => objective.LdAlpha is { } alpha
        ? [.. objective.Scalars, KeyValuePair.Create(ArtifactPorts.LdAlpha, alpha)]
        : objective.Scalars;

    /// <summary>Declares its inputs, in their order.</summary>
    public void Declare(GraphBuilder b)
    {
        var shapes = graph.Inputs.ToDictionary(v => v.Name, v => v.Shape, StringComparer.Ordinal);
        if (objective.LdAlpha is not null)
        {
            shapes[LossPorts.Lengths] = new Shape(Completions);
            shapes[ArtifactPorts.LdAlpha] = Shape.Scalar;
        }

        string[] order =
        [
            .. BeforeScalars, .. ScalarsOf(objective).Select(scalar => scalar.Key), LossPorts.LossScale, LossPorts.TokenScale,
        ];
        foreach (var name in order.Where(shapes.ContainsKey))
        {
            inputs.Add(name, b.Input(name, type, shapes[name]));
        }
    }

    /// <summary>Writes it behind <c>token_logps</c>.</summary>
    /// <returns>The loss in float64, which is what is differentiated, and what is handed out, by name.</returns>
    public (Value Loss, IReadOnlyList<(string Name, Value Value)> Outputs) Write(GraphBuilder b, Value tokenLogps)
    {
        using var scope = b.Scope("loss");
        var exact = inputs.ToDictionary(v => v.Key, v => b.Cast(v.Value, DataType.Float64), StringComparer.Ordinal);
        var sums = b.ReduceSum(Weighted(b, b.Cast(tokenLogps, DataType.Float64), exact), keepDims: false, -1);
        var bound = new Dictionary<string, Value>(exact, StringComparer.Ordinal) { [LossPorts.Logps] = sums };
        var made = b.Inline(graph, bound, "objective");
        return (made[LossPorts.Loss],
        [
            (LossPorts.Loss, b.Cast(made[LossPorts.Loss], type)),
            (FragmentPorts.TokenLogps, tokenLogps),
            (LossPorts.Logps, b.Cast(sums, type)),
            .. Rewards.Where(made.ContainsKey).Select(name => (name, b.Cast(made[name], type))),
        ]);
    }

    // LD-DPO (arXiv:2409.06411): tokens of a pair's longer completion that the shorter one has no place for weigh less.
    Value Weighted(GraphBuilder b, Value tokens, Dictionary<string, Value> exact)
    {
        if (objective.LdAlpha is null)
        {
            return tokens;
        }

        var lengths = b.Split(exact[LossPorts.Lengths], axis: 0, parts: 2);
        var shorter = b.Add("Min", [lengths[0], lengths[1]]);
        var shared = b.Unsqueeze(b.ConcatTo(Completions, 0, shorter, shorter), 1);
        var place = b.Cast(b.Unsqueeze(b.Indices(tokens, axis: 1), 0), DataType.Float64);
        return b.Where(b.Add("Less", [place, shared]), tokens, b.Mul(tokens, exact[ArtifactPorts.LdAlpha]));
    }
}
