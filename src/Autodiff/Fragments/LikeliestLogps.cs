using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>A head that also hands out how likely the likeliest token is.</summary>
public static class LikeliestLogps
{
    /// <summary>The output's name: the log-probability of each row's likeliest token, one for each scored token of the head.</summary>
    public const string Output = "largest_logps";

    /// <summary>
    /// A head with <see cref="Output"/>, where its log-probabilities are gathered of one <c>LogSoftmax</c>, whose largest value it is; null
    /// for any other head.
    /// </summary>
    /// <param name="head">The head: inputs and the other output stay.</param>
    public static Fragment? Of(Fragment head)
    {
        var b = new GraphBuilder("head_with_likeliest");
        var inputs = head.Graph.Inputs.ToDictionary(v => v.Name, v => b.Input(v.Name, v.Type, v.Shape), StringComparer.Ordinal);
        var outputs = b.Inline(head.Graph, inputs, "head");
        if (b.Nodes.Where(node => node.Op.Type == "LogSoftmax").ToList() is not [var logps]
            || b.Nodes.Count(node => node.Op.Type == "GatherElements" && node.Input(0) == logps.Output) != 1)
        {
            return null;
        }

        var largest = b.Squeeze(b.Add("ReduceMax", [logps.Output, b.Int64s(1)]), 1);
        return new Fragment(
            b.Build([(FragmentPorts.TokenLogps, outputs[FragmentPorts.TokenLogps]), (Output, largest)]), head.ParameterNames);
    }
}
