using System.Text.Json.Nodes;

namespace OrtDpo.Data.Tests;

/// <summary>A random nesting of lists and structs, and how rows of it are taken apart: each column on its own, from the root.</summary>
/// <param name="Name">The member's name.</param>
/// <param name="CanBeNull">Whether values are missing.</param>
/// <param name="Item">What a list holds; null: it is no list.</param>
/// <param name="Members">What a struct holds; empty: it is none.</param>
sealed record ParquetShape(string Name, bool CanBeNull, ParquetShape? Item, ParquetShape[] Members)
{
    public static ParquetShape Draw(Random random, string name, int nesting)
    {
        var kind = nesting == 0 ? 0 : random.Next(3);
        return new(
            name,
            random.Next(2) == 0,
            kind == 1 ? Draw(random, "element", nesting - 1) : null,
            kind == 2 ? [.. Enumerable.Range(0, 1 + random.Next(3)).Select(i => Draw(random, $"m{i}", nesting - 1))] : []);
    }

    public JsonNode? DrawValue(Random random)
    {
        if (CanBeNull && random.Next(4) == 0)
        {
            return null;
        }

        return Item is not null ? new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Item.DrawValue(random))])
            : Members.Length > 0 ? new JsonObject(Members.Select(member => KeyValuePair.Create(member.Name, member.DrawValue(random))))
            : JsonValue.Create(random.Next(1000));
    }

    /// <summary>The field with the columns that <paramref name="rows"/> make.</summary>
    public (ParquetNode Node, List<ParquetLeaf> Leaves) Columns(JsonNode?[] rows)
    {
        var leaves = new List<ParquetLeaf>();
        return (Node(this, [], rows, leaves), leaves);
    }

    static ParquetNode Node(ParquetShape shape, ParquetShape[] around, JsonNode?[] rows, List<ParquetLeaf> leaves)
    {
        ParquetShape[] path = [.. around, shape];
        var definition = path.Sum(s => (s.CanBeNull ? 1 : 0) + (s.Item is null ? 0 : 1));
        if (shape.Item is not null)
        {
            return new ParquetList(shape.Name, definition, path.Count(s => s.Item is not null), Node(shape.Item, path, rows, leaves));
        }

        if (shape.Members.Length > 0)
        {
            return new ParquetStruct(shape.Name, definition, [.. shape.Members.Select(member => Node(member, path, rows, leaves))]);
        }

        var slots = rows.SelectMany(row => Slots(path, row, repetition: 0, definition: 0, depth: 0)).ToList();
        int[] values = [.. slots.Where(s => s.Definition == definition).Select(s => s.Value)];
        var levels = new ParquetLevels(slots.Count, [.. slots.Select(s => s.Definition)], [.. slots.Select(s => s.Repetition)]);
        var name = string.Join('/', path.Select(s => s.Name));
        leaves.Add(new(shape.Name, name, definition, shape.CanBeNull, levels, (w, i) => w.WriteNumberValue(values[i])));
        return leaves[^1];
    }

    static IEnumerable<(int Repetition, int Definition, int Value)> Slots(
        ParquetShape[] path, JsonNode? value, int repetition, int definition, int depth)
    {
        if (value is null)
        {
            return [(repetition, definition, 0)];
        }

        definition += path[0].CanBeNull ? 1 : 0;
        return value switch
        {
            JsonArray { Count: 0 } => [(repetition, definition, 0)],
            JsonArray items => items.SelectMany((item, i) =>
                Slots(path[1..], item, i == 0 ? repetition : depth + 1, definition + 1, depth + 1)),
            JsonObject members => Slots(path[1..], members[path[1].Name], repetition, definition, depth),
            _ => [(repetition, definition, value.GetValue<int>())],
        };
    }
}
