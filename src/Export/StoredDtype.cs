using OrtDpo.Export.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Export;

/// <summary>What an export stores a policy's weights in; what its graph computes in is another matter.</summary>
public sealed record StoredDtype
{
    static readonly Dictionary<string, StoredDtype> Known = new(StringComparer.Ordinal)
    {
        ["float32"] = WeightType.F32,
        ["bfloat16"] = WeightType.BF16,
        ["float16"] = WeightType.F16,
        ["int8"] = new() { Linear = LinearForm.Int8 },
        ["int4"] = new() { Linear = LinearForm.Int4 },
        ["nf4"] = new() { Linear = LinearForm.Nf4 },
    };

    /// <summary>Each weight as the policy has it: matrices in 4 bits with their very bytes.</summary>
    public static StoredDtype AsHeld { get; } = new();

    /// <summary>The names of what may be asked for.</summary>
    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <summary>F32, F16 or BF16, of what is not quantised; null: each as the policy has it.</summary>
    public WeightType? Floats { get; init; }

    /// <summary>What the linear weights of the layers are quantised to; null: nothing, they are as the others.</summary>
    public LinearForm? Linear { get; init; }

    /// <summary>
    /// Whether hosts may round what is multiplied with int4 weights to 8 bits, which is faster (<c>accuracy_level</c> 4). Weights that are
    /// quantised for it have blocks of 128.
    /// </summary>
    public bool IsFast { get; init; }

    /// <summary>
    /// Whether embedding and head are quantised too, to integers of as many bits, in blocks of 32: of int4 and int8. A tied head and its
    /// embedding are the same bytes.
    /// </summary>
    public bool QuantizesHead { get; init; }

    /// <summary>Whether each weight, but for those of the head where that is quantised, is as the policy has it.</summary>
    public bool IsAsHeld => Linear is null && Floats is null;

    /// <summary>Whether a number may be another than the policy's.</summary>
    public bool Rounds => Linear is not null || QuantizesHead || Floats is WeightType.F16 or WeightType.BF16;

    /// <summary>Its name; null where each weight is as the policy has it, on which it depends then.</summary>
    public string? Name => Linear is { } form ? NameOf(form, IsFast) : Floats?.ConfigName();

    /// <summary>What adapters beside a base of this kind are stored in: float32 where the base is quantised.</summary>
    internal WeightType Terms => Linear is null && Floats is { } type ? type : WeightType.F32;

    /// <summary>All in one type of floats: F32, F16 or BF16.</summary>
    public static implicit operator StoredDtype(WeightType type) => new() { Floats = type };

    /// <summary>Whether a name is that of weights of which some are quantised.</summary>
    public static bool IsQuantized(string name) => name == NameOf(LinearForm.Int4, isFast: true) || Known[name].Linear is not null;

    /// <summary>What is asked for by a name of <see cref="Names"/>; the floats beside what is quantised are then as the policy's.</summary>
    public static StoredDtype Named(string name) => Known[name];

    internal static string NameOf(LinearForm form, bool isFast) => (isFast ? "fast-" : "") + form.ToString().ToLowerInvariant();
}
