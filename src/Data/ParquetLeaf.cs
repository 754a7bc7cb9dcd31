using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>A column's slots, one after the other.</summary>
/// <param name="name">Its name in its struct.</param>
/// <param name="path">Its path in the file, for messages.</param>
/// <param name="definition">The level of a slot with a value.</param>
/// <param name="canBeNull">Whether the value itself can be null: one level lower.</param>
/// <param name="levels">What the slots say.</param>
/// <param name="write">Writes the value of that index.</param>
sealed class ParquetLeaf(
    string name, string path, int definition, bool canBeNull, ParquetLevels levels, Action<Utf8JsonWriter, int> write)
    : ParquetNode(name, definition)
{
    int slot;
    int value;

    internal override ParquetLeaf First => this;

    /// <summary>How much of the next slot's path is there.</summary>
    internal int NextDefinition => slot < levels.Slots ? levels.Definition(slot) : throw Contradiction();

    /// <summary>Which list the next slot goes on with; 0 where a row or the column ends.</summary>
    internal int NextRepetition => slot < levels.Slots ? levels.Repetition(slot) : 0;

    internal override void Write(Utf8JsonWriter writer, int repetition)
    {
        var found = Take(repetition);
        if (found == Definition)
        {
            write(writer, value++);
        }
        else if (canBeNull && found == Definition - 1)
        {
            writer.WriteNullValue();
        }
        else
        {
            throw Contradiction();
        }
    }

    internal override void Skip(int repetition, int below)
    {
        if (Take(repetition) >= below)
        {
            throw Contradiction();
        }
    }

    /// <summary>Checks that no slot is left.</summary>
    /// <exception cref="InvalidDataException">One is.</exception>
    internal void RequireEnd()
    {
        if (slot < levels.Slots)
        {
            throw Contradiction();
        }
    }

    int Take(int repetition)
    {
        var found = NextDefinition;
        if (levels.Repetition(slot) != repetition)
        {
            throw Contradiction();
        }

        slot++;
        return found;
    }

    InvalidDataException Contradiction() =>
        new($"the levels of column '{path}' contradict those of the columns beside it, near value {slot + 1}");
}
