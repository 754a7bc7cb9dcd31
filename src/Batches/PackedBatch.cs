namespace OrtDpo.Batches;

/// <summary>
/// Examples laid out in rows, the same in precompute, training and evaluation (docs/glossary.md): packed as
/// <c>prompt | completion 1 | … | completion n</c>, or stacked as <c>prompt | completion</c>.
/// All arrays are row-major. Made by <see cref="ExamplePacking.Pack"/>.
/// </summary>
public sealed class PackedBatch
{
    /// <summary>
    /// What <see cref="SegmentIds"/> grow by from one example to the next: a constant, so that one graph reads examples of any number of
    /// completions below it.
    /// </summary>
    public const int SegmentStride = 1024;

    /// <summary>Rows: B.</summary>
    public required int Rows { get; init; }

    /// <summary>Positions in a row: S.</summary>
    public required int Width { get; init; }

    /// <summary>Scored completions: R, all of example 0 in their order, then those of example 1, ….</summary>
    public required int Completions { get; init; }

    /// <summary>The longest completion in tokens: T.</summary>
    public required int CompletionWidth { get; init; }

    /// <summary><c>int64 [B, S]</c>, token ids, 0 where padded (on the right).</summary>
    public required long[] InputIds { get; init; }

    /// <summary><c>int64 [B, S]</c>, position within its own sequence: each completion starts again after the prompt.</summary>
    public required long[] PositionIds { get; init; }

    /// <summary>
    /// <c>int64 [B, S]</c>, <see cref="SegmentStride"/>·example + {0 prompt, k completion k from 1}, where example counts from 0 within the
    /// batch; −1 = padding.
    /// </summary>
    public required long[] SegmentIds { get; init; }

    /// <summary><c>int64 [R, T]</c>, flat index into B·S of the position that predicts each completion token; 0 where padded.</summary>
    public required long[] CompletionIndex { get; init; }

    /// <summary><c>int64 [R, T]</c>, the tokens to score; 0 where padded.</summary>
    public required long[] CompletionIds { get; init; }

    /// <summary><c>float32 [R, T]</c>, 1 = scored, 0 = padding.</summary>
    public required float[] CompletionMask { get; init; }

    /// <summary>Tokens that are not padding.</summary>
    public required int Tokens { get; init; }

    /// <summary>Length in tokens of completion <paramref name="completion"/>.</summary>
    public int CompletionLength(int completion)
    {
        var length = 0;
        foreach (var scored in CompletionMask.AsSpan(completion * CompletionWidth, CompletionWidth))
        {
            length += (int)scored;
        }

        return length;
    }
}
