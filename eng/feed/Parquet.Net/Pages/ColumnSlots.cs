namespace Parquet.Pages;

/// <summary>A column chunk in memory: its levels, one per slot, and its values, only those that are there.</summary>
sealed class ColumnSlots<T>(int slots, bool hasDefinitions, bool hasRepetitions)
    where T : struct
{
    public int Slots { get; } = slots;

    public T[] Values { get; } = new T[slots];

    /// <summary>How many of <see cref="Values"/> are there.</summary>
    public int Count { get; set; }

    public int[]? DefinitionLevels { get; } = hasDefinitions ? new int[slots] : null;

    public int[]? RepetitionLevels { get; } = hasRepetitions ? new int[slots] : null;
}
