using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>
/// A field of a row group, written row by row as JSON. Columns store one slot per value and one for each null or empty list, with two
/// levels: how much of the path to it is there (definition), and which of the lists around it goes on (repetition). Rows are put together
/// from these as in the Dremel paper (Melnik et al. 2010).
/// </summary>
/// <param name="name">Its name in the struct or row that it is a member of.</param>
/// <param name="definition">The level from which on it is there, a list with an item.</param>
abstract class ParquetNode(string name, int definition)
{
    internal string Name => name;

    /// <summary>The column that says whether it is there: all below it agree.</summary>
    internal abstract ParquetLeaf First { get; }

    private protected int Definition => definition;

    /// <summary>Writes the next value, whose slots have the level <paramref name="repetition"/>.</summary>
    /// <exception cref="InvalidDataException">The levels of a column contradict those of the columns beside it.</exception>
    internal abstract void Write(Utf8JsonWriter writer, int repetition);

    /// <summary>Passes over one slot in each column: what is around it, of the level <paramref name="below"/>, is null or empty.</summary>
    /// <inheritdoc cref="Write"/>
    internal abstract void Skip(int repetition, int below);
}
