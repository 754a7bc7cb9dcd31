using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

static partial class GradientCases
{
    static Dictionary<string, Func<TestGraph, Value>> Indexing => new()
    {
        ["Gather"] = g => g.B.Gather(g.Real("x", 5, 3), g.Ids("i", 5, "M")),
        ["Gather, matrix of indices"] = g => g.B.Gather(g.Real("x", 3, 4), g.Ids("i", 3, "B", "S")),
        ["Gather, symbolic rows"] = g => g.B.Gather(g.Real("x", "M", 2, 3), g.Ids("i", 4, "B", "S")),
        ["Gather, numbers"] = g => g.B.Gather(g.Real("x", 5), g.Ids("i", 5, 7)),
        ["Gather, one row"] = g => g.B.Gather(g.Real("x", 5, 2), g.B.Int64(3)),
        ["Gather, of a sum"] = g => g.B.Gather(g.B.Mul(g.Real("x", 5, 3), g.Real("w", 3)), g.Ids("i", 5, "M")),
        ["Gather, from flattened rows"] = g => g.B.Gather(Flat(g, g.Real("x", "B", "S", 4)), g.Ids("i", 6, "M")),
        ["Gather, from flattened rows that others read too"] = g =>
        {
            var rows = Flat(g, g.B.Exp(g.Real("x", "B", "S", 4)));
            return g.B.Mul(g.B.Gather(rows, g.Ids("i", 6, "M")), g.B.ReduceSum(rows, keepDims: true, 0));
        },
        ["GatherElements"] = g => g.B.GatherElements(g.Real("x", "M", 5), g.Ids("i", 5, "M", 1), axis: 1),
        ["GatherElements, negative axis"] = g => g.B.GatherElements(g.Real("x", "B", 5, "S"), g.Ids("i", 5, "B", 1, "S"), axis: -2),
        ["Gather, negative axis"] = g => g.B.Gather(g.Real("x", "B", 5, 3), g.Ids("i", 5, "M"), axis: -2),
        ["Gather, last axis, matrix of indices"] = g => g.B.Gather(g.Real("x", "B", "S", 5), g.Ids("i", 5, "M", 2), axis: 2),
        ["Gather, one of an axis"] = g => g.B.Gather(g.Real("x", "B", "S", 3, 4), g.B.Int64(1), axis: 2),
        ["Gather, the last of a symbolic axis"] = g => g.B.Gather(g.Real("x", "B", "S", 4), g.B.Int64(-1), axis: 1),
        ["Gather, the last row"] = g => g.B.Gather(g.Real("x", 5, 4), g.B.Int64(-1)),
        ["Gather, indices known"] = g => g.B.Gather(g.Real("x", "B", 5), g.B.Int64s(3, -5, 1), axis: 1),
        ["Gather, known indices that repeat"] = g => g.B.Gather(g.Real("x", "B", 5), g.B.Int64s(4, 1, -1), axis: -1),
        ["Gather, one index that is not known"] = g => g.B.Gather(g.Real("x", "B", 5, 2), g.Ids("i", 5), axis: 1),
        ["GatherElements, indices that repeat"] = g => g.B.GatherElements(g.Real("x", "M", 5), g.Ids("i", 5, "M", 7), axis: -1),
        ["GatherElements, fewer lines"] = g => g.B.GatherElements(g.Real("x", 5, 4, 3), g.Ids("i", 5, 6, 2, 3), axis: 0),
        ["GatherND"] = g => g.B.Add("GatherND", [g.Real("x", 3, 4), g.Ids("i", 3, "M", 2)]),
        ["GatherND, rows"] = g => g.B.Add("GatherND", [g.Real("x", 3, "S", 2), g.Ids("i", 3, "B", "M", 1)]),
        ["GatherND, a batch"] = g =>
            g.B.Add("GatherND", [g.Real("x", "B", 3, 4), g.Ids("i", 3, "B", "M", 1)], Attributes.None.With("batch_dims", 1L)),
        ["GatherND, two batches"] = g =>
            g.B.Add("GatherND", [g.Real("x", "B", "S", 4, 3, 2), g.Ids("i", 3, "B", "S", 5, 2)], Attributes.None.With("batch_dims", 2L)),
    };
}
