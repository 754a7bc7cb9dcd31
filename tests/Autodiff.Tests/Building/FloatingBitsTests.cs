using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Tests.Building;

public sealed class FloatingBitsTests
{
    // Between 1 and 2 the numbers of bfloat16 are 1/128 apart, 0x3F80 is 1.
    [Theory]
    [InlineData(1, 0x3F80)]
    [InlineData(-1, 0xBF80)]
    [InlineData(1 + (1.0 / 256), 0x3F80)]
    [InlineData(1 + (3.0 / 256), 0x3F82)]
    [InlineData(1 + (1.0 / 255), 0x3F81)]
    [InlineData(1 + (1.0 / 257), 0x3F80)]
    [InlineData(2 - (1.0 / 256), 0x4000)]
    [InlineData(-1e30, 0xF14A)]
    [InlineData(0.0, 0)]
    [InlineData(-0.0, 0x8000)]
    [InlineData(FloatingBits.BFloat16Max, 0x7F7F)]
    [InlineData(double.PositiveInfinity, 0x7F80)]
    [InlineData(1e300, 0x7F80)]
    public void The_nearest_bfloat16_and_of_two_the_even_one(double value, int bits) =>
        Assert.Equal((ushort)bits, FloatingBits.BFloat16(value));

    [Fact]
    public void What_float32_makes_halfway_goes_where_the_number_was()
    {
        // Both are 1 + 1/256 in float32; only the exact half is a matter of evenness.
        Assert.Equal(0x3F81, FloatingBits.BFloat16(1 + (1.0 / 256) + Math.ScaleB(1, -40)));
        Assert.Equal(0x3F80, FloatingBits.BFloat16(1 + (1.0 / 256)));
        // 1 + 3/256 less a little is below the half.
        Assert.Equal(0x3F81, FloatingBits.BFloat16(1 + (3.0 / 256) - Math.ScaleB(1, -40)));
    }

    [Fact]
    public void No_number_stays_none() => Assert.True(float.IsNaN(FloatingBits.Float(FloatingBits.BFloat16(double.NaN))));

    [Fact]
    public void Scalars_and_vectors_are_rounded_to_their_type()
    {
        var b = new GraphBuilder("test");
        Assert.Equal(DataType.BFloat16, b.Scalar(0.1, DataType.BFloat16).Type);
        // 0.1 = 1.6 · 2⁻⁴: 1.6015625 is the nearest of 128 steps, 1.599609375 of 1024.
        Assert.Equal([0x3DCD], Bits(b, b.Scalar(0.1, DataType.BFloat16)));
        Assert.Equal([0x2E66, 0x3C00], Bits(b, b.Vector([0.1, 1], DataType.Float16)));
        Assert.Throws<ArgumentOutOfRangeException>(() => b.Scalar(1, DataType.Int64));

        static IEnumerable<int> Bits(GraphBuilder b, Value value) => ((ushort[])b.Constants[value].Data).Select(u => (int)u);
    }
}
