namespace OrtDpo.Batches;

/// <summary>
/// Pairs laid out in rows, the same in precompute, training and evaluation (docs/glossary.md): packed as
/// <c>prompt | chosen | rejected</c>, or stacked as <c>prompt | completion</c>.
/// All arrays are row-major. Made by <see cref="PairPacking.Pack"/>.
/// </summary>
public sealed class PackedBatch
{
    /// <summary>Rows: B.</summary>
    public required int Rows { get; init; }

    /// <summary>Positions in a row: S.</summary>
    public required int Width { get; init; }

    /// <summary>Scored completions: R = 2P for pairs (chosen first, then rejected), R = rows of data for supervised batches.</summary>
    public required int Completions { get; init; }

    /// <summary>The longest completion in tokens: T.</summary>
    public required int CompletionWidth { get; init; }

    /// <summary>Pairs: P; 0 for supervised batches.</summary>
    public required int Pairs { get; init; }

    /// <summary><c>int64 [B, S]</c>, token ids, 0 where padded (on the right).</summary>
    public required long[] InputIds { get; init; }

    /// <summary><c>int64 [B, S]</c>, position within its own sequence: the rejected completion starts again after the prompt.</summary>
    public required long[] PositionIds { get; init; }

    /// <summary>
    /// <c>int64 [B, S]</c>, 3·pair + {0 prompt, 1 chosen, 2 rejected}, where pair counts from 0 within the batch; −1 = padding.
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
