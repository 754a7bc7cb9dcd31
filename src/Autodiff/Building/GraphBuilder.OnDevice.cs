namespace OrtDpo.Autodiff.Building;

/// <summary>The operators of ONNX Runtime's on-device training, which inference builds do not have.</summary>
public sealed partial class GraphBuilder
{
    /// <summary>The operator behind <see cref="AccumulateInPlace"/>.</summary>
    public static readonly Op InPlaceAccumulator = new(Op.Microsoft, "InPlaceAccumulatorV2");

    /// <summary>
    /// Writes <paramref name="gradient"/> into the memory of <paramref name="buffer"/> where <paramref name="overwrites"/> says so, and
    /// adds it there where not. No shape rule: it is no operator of a graph that is differentiated.
    /// </summary>
    /// <param name="buffer">An input, <c>float32</c>; its memory changes.</param>
    /// <param name="gradient">Of its shape.</param>
    /// <param name="overwrites"><c>bool [1]</c>.</param>
    /// <returns>That it is done, <c>bool [1]</c>; and what the buffer then holds, which is read after it was written.</returns>
    /// <exception cref="ShapeException">The gradient is of another shape or type.</exception>
    public (Value Done, Value Accumulated) AccumulateInPlace(Value buffer, Value gradient, Value overwrites)
    {
        if (buffer.Type != gradient.Type || !buffer.Shape.Equals(gradient.Shape))
        {
            throw new ShapeException($"The gradient {gradient} is to be added to {buffer}; expected the same type and shape.");
        }

        var name = Unique(scope + InPlaceAccumulator.Type);
        var done = new Value($"{name}.0", DataType.Bool, new Shape(1));
        var accumulated = new Value($"{name}.1", buffer.Type, buffer.Shape);
        Append(new Node(name, InPlaceAccumulator, [buffer, gradient, overwrites], [done, accumulated], Attributes.None));
        return (done, accumulated);
    }
}
