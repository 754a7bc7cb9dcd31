using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

/// <summary>What a gradient rule sees of its node, in the field's words: I input, O output, GO incoming gradient.</summary>
sealed class GradientContext(GraphBuilder b, Node node, Value?[] gradOutputs, HashSet<Value> active, GradientSet gradients)
{
    // Inputs for which the rule gave a gradient, or said that it is zero.
    readonly SortedSet<int> answered = [];

    public GraphBuilder B => b;

    public Node Node => node;

    public Attributes Attributes => node.Attributes;

    public DataType Type => node.Output.Type;

    public Value I(int index) => node.Input(index);

    public Value O(int index = 0) => node.Outputs[index]!;

    /// <summary>The gradient of output <paramref name="index"/>, which the rule requires.</summary>
    public Value GO(int index = 0) => gradOutputs[index] ?? throw Unsupported($"output {index} has no gradient, and its rule needs one");

    public bool HasGO(int index) => index < gradOutputs.Length && gradOutputs[index] is not null;

    /// <summary>Whether anybody asks for the gradient of input <paramref name="index"/>.</summary>
    public bool Needs(int index) => index < node.Inputs.Length && node.Inputs[index] is { } value && active.Contains(value);

    public bool Has(int index) => index < node.Inputs.Length && node.Inputs[index] is not null;

    /// <summary>Says that the gradient of input <paramref name="index"/> is zero.</summary>
    public void Zero(int index) => answered.Add(index);

    /// <summary>The contents of constant input <paramref name="index"/>; null where it is computed.</summary>
    public long[]? KnownInt64s(int index) => b.Constants.TryGetValue(I(index), out var constant) ? constant.Int64s : null;

    /// <summary>The contents of constant input <paramref name="index"/>.</summary>
    public long[] Int64s(int index) => KnownInt64s(index)
        ?? throw Unsupported($"input {index} ('{I(index).Name}') must be a constant");

    /// <summary>
    /// Adds a gradient of input <paramref name="index"/>, if asked for, summed over the axes that broadcasting added or stretched.
    /// </summary>
    public void Add(int index, Value gradient)
    {
        answered.Add(index);
        if (Needs(index))
        {
            gradients.Add(I(index), Unbroadcast(gradient, index));
        }
    }

    /// <summary>The same for a gradient that is only written if asked for.</summary>
    public void Add(int index, Func<Value> gradient)
    {
        answered.Add(index);
        if (Needs(index))
        {
            Add(index, gradient());
        }
    }

    /// <summary>Adds a gradient that touches some rows of input <paramref name="index"/> only, if asked for.</summary>
    public void AddRows(int index, Value indices, Value rows)
    {
        answered.Add(index);
        if (Needs(index))
        {
            gradients.Add(I(index), new RowGradient(indices, rows));
        }
    }

    /// <summary>Refuses gradients of an input that the rule treats as given.</summary>
    public void NoGradientOfInput(int index)
    {
        if (Needs(index))
        {
            throw Unsupported($"the gradient of input {index} ('{I(index).Name}') is asked for, and its rule has none");
        }
    }

    /// <summary>Refuses an output that others are made from but whose gradient the rule does not pass on.</summary>
    public void NoGradientOfOutput(int index)
    {
        if (HasGO(index))
        {
            throw Unsupported($"output {index} ('{O(index).Name}') has a gradient, and its rule passes none on");
        }
    }

    /// <summary>
    /// Checks, after the rule, that it said something about every input that needs a gradient: one that is forgotten would count as zero.
    /// </summary>
    public void CheckCount()
    {
        var expected = Enumerable.Range(0, node.Inputs.Length).Where(Needs).ToList();
        if (!answered.IsSupersetOf(expected) || answered.Max >= node.Inputs.Length)
        {
            throw new InvalidOperationException(
                $"Node {node}: its rule gives gradients for the inputs {string.Join(", ", answered)}; expected"
                + $" {string.Join(", ", expected)} of {node.Inputs.Length}. "
                + $"Inputs: {string.Join("; ", node.Inputs.Select(v => v?.ToString() ?? "none"))}.");
        }
    }

    public NotSupportedException Unsupported(string what) => new($"Node {node}: {what}.");

    Value Unbroadcast(Value gradient, int index)
    {
        var target = I(index);
        var (from, to) = (gradient.Shape, target.Shape);
        if (from.Equals(to))
        {
            return gradient;
        }

        var added = from.Rank - to.Rank;
        long[] axes =
            [.. Enumerable.Range(0, from.Rank).Where(i => i < added || (to[i - added].IsOne && !from[i].IsOne)).Select(i => (long)i)];
        var fits = added >= 0 && Enumerable.Range(0, to.Rank).All(i => to[i].IsOne || to[i] == from[i + added]);
        if (!fits)
        {
            throw new InvalidOperationException(
                $"Node {node}: its rule gives input {index} ('{target.Name}') a gradient of shape {from}, which does not reduce to {to}.");
        }

        var summed = axes.Length == 0 ? gradient : b.ReduceSum(gradient, keepDims: true, axes);
        return b.ReshapeLike(summed, target);
    }
}
