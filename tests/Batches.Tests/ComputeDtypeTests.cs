namespace OrtDpo.Batches.Tests;

public sealed class ComputeDtypeTests
{
    [Theory]
    [InlineData("float32", ComputeDtype.Float32)]
    [InlineData("fp32", ComputeDtype.Float32)]
    [InlineData("bfloat16", ComputeDtype.BFloat16)]
    [InlineData("bf16", ComputeDtype.BFloat16)]
    public void Both_names_are_read(string name, ComputeDtype dtype)
    {
        Assert.Equal(dtype, ComputeDtypes.Parse(name));
        Assert.Contains(name, new[] { dtype.ConfigName(), dtype.CacheName() });
    }

    [Theory]
    [InlineData("float16", "; it must be float32 (fp32) or bfloat16 (bf16); float16 ends at 65,504 and at 6e-8, ")]
    [InlineData("int8", "; it must be float32 (fp32) or bfloat16 (bf16).")]
    [InlineData("Float32", "; it must be float32 (fp32) or bfloat16 (bf16).")]
    public void Others_are_refused_float16_with_its_reason(string name, string words) =>
        Assert.Contains(
            $"`Dtype` is '{name}'{words}",
            Assert.Throws<ArgumentException>(() => ComputeDtypes.Parse(name)).Message, StringComparison.Ordinal);
}
