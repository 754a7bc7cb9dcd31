
namespace OrtDpo.Safetensors.Tests;

public class FloatWideningTests
{
    [Fact]
    public void Every_half_value_widens_as_the_runtime_widens_it()
    {
        var source = Enumerable.Range(0, 65536).Select(i => BitConverter.UInt16BitsToHalf((ushort)i)).ToArray();
        var widened = new float[source.Length];
        FloatWidening.FromFloat16(source, widened);
        for (var i = 0; i < source.Length; i++)
        {
            Assert.Equal(BitConverter.SingleToUInt32Bits((float)source[i]), BitConverter.SingleToUInt32Bits(widened[i]));
        }
    }

    [Fact]
    public void Every_bfloat16_value_is_the_upper_half_of_its_float()
    {
        var source = Enumerable.Range(0, 65536).Select(i => (ushort)i).ToArray();
        var widened = new float[source.Length];
        FloatWidening.FromBFloat16(source, widened);
        for (var i = 0; i < source.Length; i++)
        {
            Assert.Equal((uint)i << 16, BitConverter.SingleToUInt32Bits(widened[i]));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(33)]
    public void Lengths_beside_the_vector_width_leave_nothing_out(int length)
    {
        // 0x3F80 is 1.0 in bfloat16.
        var source = Enumerable.Repeat((ushort)0x3F80, length).ToArray();
        var widened = new float[length + 1];
        FloatWidening.FromBFloat16(source, widened);
        Assert.Equal([.. Enumerable.Repeat(1f, length), 0f], widened);
    }
}
