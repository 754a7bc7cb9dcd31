using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>A struct: an object with the members that are read.</summary>
sealed class ParquetStruct(string name, int definition, IReadOnlyList<ParquetNode> members) : ParquetNode(name, definition)
{
    internal override ParquetLeaf First => members[0].First;

    internal override void Write(Utf8JsonWriter writer, int repetition)
    {
        if (First.NextDefinition < Definition)
        {
            writer.WriteNullValue();
            Skip(repetition, Definition);
            return;
        }

        writer.WriteStartObject();
        foreach (var member in members)
        {
            writer.WritePropertyName(member.Name);
            member.Write(writer, repetition);
        }

        writer.WriteEndObject();
    }

    internal override void Skip(int repetition, int below)
    {
        foreach (var member in members)
        {
            member.Skip(repetition, below);
        }
    }
}
