using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;

namespace OrtDpo.Autodiff.Precision;

/// <summary>
/// A float32 graph in 16 bits: each value is bfloat16 or float32 by the table of its operator, with a Cast where they meet. It runs after
/// differentiation, whose rules then know one type, and before lowering, since a composite has one entry where its lowering has many nodes.
/// </summary>
/// <remarks>
/// What a graph reads and hands out tells its types: inputs and outputs are in the compute type but for those that
/// <see cref="IsFloat32"/> names. Of a fragment's gradient: buffers and what adds into them are float32, gradients that touch rows only
/// too, since they are added to such sums; saved values have the type in which the forward computes them. Integers stay.
/// </remarks>
public sealed class PrecisionPass
{
    // The head's border: log-probabilities, what the vocabulary is multiplied with, and the mask, which is compared.
    static readonly string[] OfHead =
        [FragmentPorts.TokenLogps, LikeliestLogps.Output, FragmentPorts.CompletionMask, VocabularyCut.RowsOutput];

    readonly HashSet<string> float32;

    /// <summary>A pass to a type.</summary>
    /// <param name="compute"><see cref="DataType.BFloat16"/>, or <see cref="DataType.Float32"/>, which changes nothing.</param>
    /// <param name="float32">
    /// Further inputs and outputs that are float32 at the border: parameters that are held so (the matrices of adapters, norms that train;
    /// a norm whose scale is float32 computes in float32), hidden states that something adds to. Their gradients are float32, too.
    /// </param>
    /// <exception cref="NotSupportedException">The type is another one.</exception>
    public PrecisionPass(DataType compute, IEnumerable<string>? float32 = null)
    {
        if (compute is not (DataType.BFloat16 or DataType.Float32))
        {
            throw new NotSupportedException($"Graphs compute in BFloat16 or Float32, not in {compute}: float16 has no room for masks and "
                + "small gradients.");
        }

        Compute = compute;
        this.float32 = new(OfHead.Concat(float32 ?? []), StringComparer.Ordinal);
    }

    /// <summary>The type that products compute in.</summary>
    public DataType Compute { get; }

    /// <summary>Whether an input or output of this name, or one whose gradient it is, is float32 at the border.</summary>
    public bool IsFloat32(string name) => float32.Contains(name) || float32.Any(known => name == FragmentGradient.Gradient(known));

    /// <summary>The graph in the compute type: the same inputs and outputs, by name.</summary>
    /// <param name="graph">A graph in float32, differentiated or not, composites not lowered.</param>
    /// <exception cref="NotSupportedException">An operator has no precision.</exception>
    public OnnxGraph Of(OnnxGraph graph) =>
        Compute == DataType.Float32 ? graph : new PrecisionRewrite(graph, Compute, Border, v => Border(v)).Result();

    /// <summary>Both graphs of a fragment's gradient, which agree in the types of what is saved.</summary>
    /// <param name="gradient">A fragment's gradient in float32.</param>
    /// <exception cref="NotSupportedException">An operator has no precision.</exception>
    public FragmentGradient Of(FragmentGradient gradient)
    {
        if (Compute == DataType.Float32)
        {
            return gradient;
        }

        var saved = gradient.Saved.ToHashSet(StringComparer.Ordinal);
        var forward = new PrecisionRewrite(
            gradient.Forward, Compute, Border, v => saved.Contains(v.Name) ? null : Border(v)).Result();
        var sums = FragmentGradient.Buffered(gradient.Backward).SelectMany(b => new[] { b.Output.Name, b.Buffer.Name })
            .Concat(FragmentGradient.RowOutputs(gradient.Backward).Select(v => v.Name)).ToHashSet(StringComparer.Ordinal);
        var backward = new PrecisionRewrite(
            gradient.Backward, Compute, v => saved.Contains(v.Name) ? forward.Output(v.Name).Type : Inside(v), v => Inside(v)).Result();
        return gradient.With(forward, backward);

        DataType Inside(Value value) => sums.Contains(value.Name) ? value.Type : Border(value);
    }

    DataType Border(Value value) => value.Type == DataType.Float32 && !IsFloat32(value.Name) ? Compute : value.Type;
}
