using OrtDpo.GpuCheck.Checks;

namespace OrtDpo.GpuCheck.Tests;

/// <summary>What is compared with limits: a number that is none is within no limit, and must not be passed over.</summary>
public sealed class NumbersTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_no_number_is_the_largest_difference_wherever_it_stands(int place)
    {
        double[] differences = [1, 2, 3];
        Assert.Equal(3, Numbers.Largest(differences));
        differences[place] = double.NaN;
        Assert.True(double.IsNaN(Numbers.Largest(differences)));

        float[] found = [1, 2, 4];
        Assert.Equal(0.25, Numbers.Difference([1.0, 2, 3], [1, 2, 3.75f]));
        found[place] = float.NaN;
        Assert.True(double.IsNaN(Numbers.Difference([1.0, 2, 4], found)));
    }
}
