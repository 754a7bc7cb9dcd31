using System.Runtime.InteropServices;
using OrtDpo.Models.Adapters;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Tests.Adapters;

public sealed class RoundedOnceTests
{
    // A bit more than half way to the next float16, by less than float32 holds: two roundings end at 1.
    const double AboveTie16 = 1 + (1.0 / 2048) + (1.0 / (1 << 30));
    const double AboveTieBFloat16 = 1 + (1.0 / 256) + (1.0 / (1 << 30));

    [Fact]
    public void What_two_roundings_lose_is_kept()
    {
        Assert.Equal((Half)1, (Half)(float)AboveTie16);
        Assert.Equal([1 + (1.0 / 1024), -1 - (1.0 / 1024)], Halves(AboveTie16, -AboveTie16));
        Assert.Equal([1 + (1.0 / 128), -1 - (1.0 / 128)], BFloats(AboveTieBFloat16, -AboveTieBFloat16));
        // Ties themselves go to the even number.
        Assert.Equal([1, 1 + (4.0 / 2048)], Halves(1 + (1.0 / 2048), 1 + (3.0 / 2048)));
    }

    [Fact]
    public void Float16_is_as_the_conversion_of_a_double_makes_it()
    {
        var numbers = Numbers(-26, 15);
        Assert.Equal(numbers.Select(n => (double)(Half)n), Halves(numbers));
    }

    [Fact]
    public void Bfloat16_is_the_nearest_of_its_neighbours()
    {
        var numbers = Numbers(-120, 120);
        Assert.All(numbers.Zip(BFloats(numbers)), pair =>
        {
            var bits = BitConverter.SingleToUInt32Bits((float)pair.Second);
            var near = Math.Abs(pair.First - pair.Second);
            foreach (var neighbour in (uint[])[bits - 0x10000, bits + 0x10000])
            {
                var far = Math.Abs(pair.First - BitConverter.UInt32BitsToSingle(neighbour));
                Assert.True(near < far || (near == far && (bits & 0x10000) == 0), $"{pair.First:R} became {pair.Second:R}");
            }
        });
    }

    [Fact]
    public void Float32_is_the_cast() => Assert.Equal(
        [1.1f, float.NegativeInfinity, float.NaN],
        MemoryMarshal.Cast<byte, float>(RoundedOnce.To("t", [1.1, double.NegativeInfinity, double.NaN], WeightType.F32)).ToArray());

    [Theory]
    [InlineData(1e39, WeightType.F32)]
    [InlineData(-1e39, WeightType.BF16)]
    [InlineData(7e4, WeightType.F16)]
    public void What_the_type_cannot_hold_is_refused(double number, WeightType type)
    {
        var refused = Assert.Throws<InvalidDataException>(() => RoundedOnce.To("t", [number], type));
        Assert.StartsWith("Tensor 't' holds ", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"{type.ConfigName()} cannot hold", refused.Message, StringComparison.Ordinal);
    }

    // With ties and their neighbourhoods among them.
    static double[] Numbers(int smallest, int largest)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 20000).Select(i =>
        {
            var size = Math.ScaleB(1 + random.NextDouble(), random.Next(smallest, largest)) * (i % 2 == 0 ? 1 : -1);
            var short12 = BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(size) & ~((1UL << (52 - (8 + (i % 4)))) - 1));
            return (i % 5) switch { 0 => short12, 1 => short12 * (1 + 1e-12), 2 => short12 * (1 - 1e-12), _ => size };
        })];
    }

    static double[] Halves(params double[] numbers) =>
        [.. MemoryMarshal.Cast<byte, Half>(RoundedOnce.To("t", numbers, WeightType.F16)).ToArray().Select(h => (double)h)];

    static double[] BFloats(params double[] numbers)
    {
        var bits = MemoryMarshal.Cast<byte, ushort>(RoundedOnce.To("t", numbers, WeightType.BF16)).ToArray();
        return [.. bits.Select(b => (double)BitConverter.UInt32BitsToSingle((uint)b << 16))];
    }
}
