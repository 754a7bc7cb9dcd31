namespace OrtDpo.Ship.Statistics;

/// <summary>An estimate from a sample, and its 95 % interval; infinite where the sample says nothing of its own spread.</summary>
/// <param name="Estimate">The estimate.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
readonly record struct Interval(double Estimate, double Low, double High)
{
    /// <summary>The same of a function of the number that grows with it, such as its exponential.</summary>
    public Interval Through(Func<double, double> growing) => new(growing(Estimate), growing(Low), growing(High));
}
