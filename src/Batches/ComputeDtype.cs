namespace OrtDpo.Batches;

/// <summary>The type that a model's products are computed in. What trains, sums and log-probabilities are float32 in either.</summary>
public enum ComputeDtype
{
    Float32,

    /// <summary>
    /// Float32's range with 8 bits of precision: half the memory of weights and activations, and a GPU's fastest products.
    /// </summary>
    BFloat16,
}

/// <summary>What compute types are called.</summary>
public static class ComputeDtypes
{
    /// <summary>What <see cref="Parse"/> reads, in words.</summary>
    public const string Names = "float32 (fp32) or bfloat16 (bf16)";

    /// <summary>As Hugging Face's configurations have it: <c>float32</c>, <c>bfloat16</c>.</summary>
    public static string ConfigName(this ComputeDtype dtype) => dtype switch
    {
        ComputeDtype.Float32 => "float32",
        ComputeDtype.BFloat16 => "bfloat16",
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Unknown compute type."),
    };

    /// <summary>As reference caches have it: <c>fp32</c>, <c>bf16</c>.</summary>
    public static string CacheName(this ComputeDtype dtype) => dtype switch
    {
        ComputeDtype.Float32 => "fp32",
        ComputeDtype.BFloat16 => "bf16",
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Unknown compute type."),
    };

    /// <summary>Reads either name; null where the text is none.</summary>
    public static ComputeDtype? Find(string text)
    {
        foreach (var dtype in Enum.GetValues<ComputeDtype>())
        {
            if (text == dtype.ConfigName() || text == dtype.CacheName())
            {
                return dtype;
            }
        }

        return null;
    }

    /// <summary>Why a text is no compute type, as a sentence's end behind "it".</summary>
    public static string WhyNot(string text) => text is "float16" or "fp16" or "half"
        ? $"must be {Names}; float16 ends at 65,504 and at 6e-8, and gradients that leave that range would be lost"
        : $"must be {Names}";

    /// <summary>Reads either name.</summary>
    /// <exception cref="ArgumentException">The text is none.</exception>
    public static ComputeDtype Parse(string text) =>
        Find(text) ?? throw new ArgumentException($"`Dtype` is '{text}'; it {WhyNot(text)}.");
}
