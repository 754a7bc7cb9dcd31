namespace OrtDpo.Data.Tests;

public sealed class LabelBalanceTests
{
    [Theory]
    [InlineData(9, 9, true)]
    [InlineData(12, 9, true)]
    [InlineData(13, 9, false)]
    [InlineData(8, 9, false)]
    public void Equal_numbers_and_a_third_more_desirable_rows_are_balanced(int desirable, int undesirable, bool isBalanced) =>
        Assert.Equal(isBalanced, new LabelBalance(desirable, undesirable).IsBalanced);

    [Theory]
    [InlineData(10, 100)]
    [InlineData(100, 10)]
    [InlineData(3, 7)]
    public void The_weights_bring_the_ratio_to_both_bounds(int desirable, int undesirable)
    {
        var balance = new LabelBalance(desirable, undesirable);
        AssertClose(1, balance.DesirableWeights.Low * desirable / undesirable, Tolerances.Float64);
        AssertClose(4 / 3.0, balance.DesirableWeights.High * desirable / undesirable, Tolerances.Float64);
        AssertClose(4 / 3.0, desirable / (balance.UndesirableWeights.Low * undesirable), Tolerances.Float64);
        AssertClose(1, desirable / (balance.UndesirableWeights.High * undesirable), Tolerances.Float64);
    }
}
