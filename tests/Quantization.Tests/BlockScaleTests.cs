namespace OrtDpo.Quantization.Tests;

public sealed class BlockScaleTests
{
    [Fact]
    public void What_three_dtypes_hold_is_itself_and_what_lies_between_goes_to_the_nearest()
    {
        var all = Enumerable.Range(0, 1 << 16).Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16))
            .Where(v => v is >= BlockScale.Smallest and <= BlockScale.Largest).ToArray();

        // 30 powers of two from 2⁻¹⁴ to 2¹⁵ with 128 numbers each.
        Assert.Equal(30 * 128, all.Length);
        for (var i = 0; i < all.Length; i++)
        {
            Assert.Equal(all[i], (float)(Half)all[i]);
            Assert.Equal(all[i], BlockScale.Round(all[i], ScaleRounding.EightBits));
            Assert.Equal(-all[i], BlockScale.Round(-all[i], ScaleRounding.EightBits));
            Assert.True(BlockScale.IsRounded(all[i], ScaleRounding.EightBits));
            if (i + 1 < all.Length)
            {
                var middle = (all[i] + all[i + 1]) / 2;
                Assert.Equal(all[i % 2 == 0 ? i : i + 1], BlockScale.Round(middle, ScaleRounding.EightBits));
                Assert.Equal(all[i], BlockScale.Round(MathF.BitDecrement(middle), ScaleRounding.EightBits));
                Assert.Equal(all[i + 1], BlockScale.Round(MathF.BitIncrement(middle), ScaleRounding.EightBits));
                Assert.False(BlockScale.IsRounded(middle, ScaleRounding.EightBits));
            }
        }
    }

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(1e-45f, BlockScale.Smallest)]
    [InlineData(-6e-5f, -BlockScale.Smallest)]
    public void What_is_nearer_to_0_than_the_smallest_becomes_the_smallest(float scale, float expected)
    {
        Assert.Equal(expected, BlockScale.Round(scale, ScaleRounding.EightBits));
        Assert.Equal(scale, BlockScale.Round(scale, ScaleRounding.None));
    }

    [Theory]
    [InlineData(65408f)]
    [InlineData(float.MaxValue)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.NaN)]
    public void What_is_too_large_or_no_number_is_not_rounded(float scale) =>
        Assert.False(BlockScale.IsRounded(BlockScale.Round(scale, ScaleRounding.EightBits), ScaleRounding.EightBits));
}
