using Parquet.Pages;

namespace Parquet.Data;

/// <summary>A column as it is stored: levels, one per slot, and the values that are there.</summary>
public abstract class RawColumnData : IDisposable
{
    readonly int[]? definitions;
    readonly int[]? repetitions;

    private protected RawColumnData(int[]? definitions, int[]? repetitions)
    {
        this.definitions = definitions;
        this.repetitions = repetitions;
    }

    /// <exception cref="InvalidOperationException">The column has none.</exception>
    public Span<int> DefinitionLevels =>
        definitions ?? throw new InvalidOperationException("The column is required: it has no definition levels.");

    /// <exception cref="InvalidOperationException">The column has none.</exception>
    public Span<int> RepetitionLevels =>
        repetitions ?? throw new InvalidOperationException("The column is no list: it has no repetition levels.");

    public void Dispose() => GC.SuppressFinalize(this);
}

/// <inheritdoc/>
public class RawColumnData<T> : RawColumnData
    where T : struct
{
    readonly ColumnSlots<T> slots;

    internal RawColumnData(ColumnSlots<T> slots)
        : base(slots.DefinitionLevels, slots.RepetitionLevels) => this.slots = slots;

    /// <summary>As many as there are slots; only the first, compacted, are data.</summary>
    public Span<T> Values => slots.Values;
}
