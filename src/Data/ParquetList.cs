using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>A list of columns' values, structs or lists.</summary>
/// <param name="name">Its name.</param>
/// <param name="definition">The level of a list with an item; one lower it is empty, and lower still there is none.</param>
/// <param name="depth">Lists around an item, this one counted: the level at which its second and further items repeat.</param>
/// <param name="item">What it holds.</param>
sealed class ParquetList(string name, int definition, int depth, ParquetNode item) : ParquetNode(name, definition)
{
    internal override ParquetLeaf First => item.First;

    internal override void Write(Utf8JsonWriter writer, int repetition)
    {
        var found = First.NextDefinition;
        if (found < Definition - 1)
        {
            writer.WriteNullValue();
            Skip(repetition, Definition - 1);
            return;
        }

        writer.WriteStartArray();
        if (found == Definition - 1)
        {
            Skip(repetition, Definition);
        }
        else
        {
            item.Write(writer, repetition);
            while (First.NextRepetition >= depth)
            {
                item.Write(writer, depth);
            }
        }

        writer.WriteEndArray();
    }

    internal override void Skip(int repetition, int below) => item.Skip(repetition, below);
}
