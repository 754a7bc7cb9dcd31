namespace OrtDpo.Data;

/// <summary>The levels of a column.</summary>
/// <param name="Slots">How many it has.</param>
/// <param name="Definitions">One per slot; empty: all 0, as in a column that is required.</param>
/// <param name="Repetitions">One per slot; empty: all 0, as in a column that is in no list.</param>
sealed record ParquetLevels(int Slots, int[] Definitions, int[] Repetitions)
{
    internal int Definition(int slot) => Definitions.Length == 0 ? 0 : Definitions[slot];

    internal int Repetition(int slot) => Repetitions.Length == 0 ? 0 : Repetitions[slot];
}
