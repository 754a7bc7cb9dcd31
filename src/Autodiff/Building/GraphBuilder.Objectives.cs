namespace OrtDpo.Autodiff.Building;

/// <summary>The composites that only objectives use.</summary>
public sealed partial class GraphBuilder
{
    /// <summary>The elements of a vector in ascending order, equal ones in the order in which they stand; a composite.</summary>
    public Value Sort(Value x) => AddNode(CompositeOps.Sort, [x], outputs: 2).Output;

    /// <summary>log(1 − eˣ) for x &lt; 0, accurate at both ends; a composite whose gradient is −dY · e^(X − Y).</summary>
    public Value Log1mExp(Value x) => Add(CompositeOps.Log1mExp, [x]);
}
