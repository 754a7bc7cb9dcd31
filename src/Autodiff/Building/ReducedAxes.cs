namespace OrtDpo.Autodiff.Building;

/// <summary>Which axes a reduction takes away.</summary>
static class ReducedAxes
{
    /// <summary>In [0, rank), ascending. No axes mean all, or with <c>noop_with_empty_axes</c> none.</summary>
    public static int[] Of(Shape shape, long[] axes, Attributes attributes) =>
        axes.Length > 0 ? [.. axes.Select(shape.Axis).Distinct().Order()]
        : attributes.Int("noop_with_empty_axes", 0) != 0 ? []
        : [.. Enumerable.Range(0, shape.Rank)];
}
