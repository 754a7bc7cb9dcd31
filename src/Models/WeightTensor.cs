namespace OrtDpo.Models;

/// <summary>A parameter in memory.</summary>
/// <param name="Name">The parameter's Hugging Face name.</param>
/// <param name="Address"><c>float32</c>, row-major; owned by the <see cref="WeightStore"/> or its model folder.</param>
/// <param name="Shape">The dimensions, slowest first.</param>
public sealed record WeightTensor(string Name, nint Address, long[] Shape)
{
    /// <summary>Number of elements.</summary>
    public long Count { get; } = Shape.Aggregate(1L, (count, dimension) => count * dimension);

    /// <summary>The elements.</summary>
    /// <exception cref="OverflowException">There are more than fit a span.</exception>
    public unsafe Span<float> AsSpan() => new((void*)Address, checked((int)Count));
}
