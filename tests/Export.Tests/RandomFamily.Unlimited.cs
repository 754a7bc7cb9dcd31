namespace OrtDpo.Export.Tests;

static partial class RandomFamily
{
    /// <summary>
    /// An export whose rounding has no limits: layers of random numbers amplify it, up to 1.2 nats in the mean of int4 and 0.07 of
    /// bfloat16.
    /// </summary>
    public static ExportOptions Unlimited { get; } = new()
    {
        Limits = ParityLimits.Exact with { PolicyMean = double.MaxValue, PolicyMax = double.MaxValue, Changed = 1 },
    };
}
