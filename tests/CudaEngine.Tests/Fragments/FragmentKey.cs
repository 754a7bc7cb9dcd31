using OrtDpo.Batches;

namespace OrtDpo.CudaEngine.Tests.Fragments;

/// <summary>Which call of the engine a row of the table is about.</summary>
/// <param name="Family">The model, of <c>tests/golden/families</c>; <c>any</c> where it decides nothing.</param>
/// <param name="Weights">
/// <c>trained</c>, or frozen under an adapter and held <c>as-is</c>, in <c>nf4</c> or in <c>int4</c>.
/// </param>
/// <param name="Compute">The type that products compute in.</param>
/// <param name="Activations"><c>kept</c> for the backward, or <c>recomputed</c> there.</param>
/// <param name="Fragment">The part of the engine.</param>
/// <param name="Pass">What it does: <c>forward</c>, <c>backward</c>.</param>
sealed record FragmentKey(string Family, string Weights, string Compute, string Activations, string Fragment, string Pass)
{
    public const string Forward = "forward", Backward = "backward";

    /// <summary>The table's columns.</summary>
    public static string[] Columns { get; } = ["family", "weights", "compute", "activations", "fragment", "pass"];

    /// <summary>In the order of <see cref="Columns"/>.</summary>
    public string[] Fields => [Family, Weights, Compute, Activations, Fragment, Pass];

    /// <summary>What the table calls a type.</summary>
    public static string Name(ComputeDtype compute) => compute.ConfigName();

    public static FragmentKey Parse(ReadOnlySpan<string> fields) =>
        new(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]);

    public override string ToString() => string.Join(", ", Fields);
}
