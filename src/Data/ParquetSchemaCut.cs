using Parquet.Meta;

namespace OrtDpo.Data;

/// <summary>
/// Takes out of a file's schema what is not read, so that neither a type that Parquet.Net 6.1.0 does not know nor one that it reads
/// otherwise than the format says stops a file in which nobody asks for it.
/// </summary>
sealed class ParquetSchemaCut
{
    readonly string path;
    readonly List<SchemaElement> nodes;
    readonly ColumnChoice columns;
    readonly List<SchemaElement> kept = [];
    readonly List<Part> parts = [];
    readonly HashSet<string> json = new(StringComparer.Ordinal);
    int at = 1;

    ParquetSchemaCut(string path, List<SchemaElement> nodes, ColumnChoice columns) =>
        (this.path, this.nodes, this.columns) = (path, nodes, columns);

    /// <summary>Leaves in <paramref name="nodes"/> what is read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="nodes">Its schema, depth first: what a group with one child holds stands behind it.</param>
    /// <param name="columns">Which columns are asked for.</param>
    /// <returns>The paths of the columns whose text is JSON.</returns>
    /// <exception cref="NotSupportedException">A column that is asked for is not read.</exception>
    internal static IReadOnlySet<string> Cut(string path, List<SchemaElement> nodes, ColumnChoice columns)
    {
        var cut = new ParquetSchemaCut(path, nodes, columns);
        cut.kept.Add(nodes[0]);
        var count = 0;
        for (var child = nodes[0].NumChildren ?? 0; child > 0 && cut.at < nodes.Count; child--)
        {
            cut.parts.Clear();
            var isKept = cut.Keep("");
            count += isKept ? 1 : 0;
            cut.parts.ForEach(part => cut.Leave(part, isKept));
        }

        nodes[0].NumChildren = count;
        nodes.Clear();
        nodes.AddRange(cut.kept);
        return cut.json;
    }

    // Dates and bytes in a column that is read are left out of it, as ever; a map or a number is part of what is said.
    void Leave(Part part, bool isInColumn)
    {
        if (isInColumn && !part.IsNeeded)
        {
            columns.Note(part.Column);
        }
        else
        {
            columns.PassOver(path, part.Column, part.Instead);
        }
    }

    bool Keep(string around)
    {
        var (node, before) = (nodes[at], nodes[at - 1]);
        at++;
        var name = around.Length == 0 ? node.Name : $"{around}/{node.Name}";
        if (node.Type is not null)
        {
            return KeepLeaf(node, name);
        }

        if (IsMap(node))
        {
            PassBelow(node);
            parts.Add(new(new(name, "map"), "Rewrite it as a struct or as a list of structs.", IsNeeded: true));
            return false;
        }

        if (node.RepetitionType == FieldRepetitionType.REPEATED && !IsInsideOf(before, node))
        {
            PassBelow(node);
            parts.Add(new(
                new(name, "struct that repeats in the older form of lists with two levels"),
                "Rewrite the file with standard lists, as pyarrow and DuckDB write them.",
                IsNeeded: true));
            return false;
        }

        var place = kept.Count;
        kept.Add(node);
        var count = 0;
        for (var child = node.NumChildren ?? 0; child > 0; child--)
        {
            count += Keep(name) ? 1 : 0;
        }

        node.NumChildren = count;
        if (count == 0)
        {
            kept.RemoveAt(place);
        }

        return count > 0;
    }

    bool KeepLeaf(SchemaElement node, string name)
    {
        if (ParquetTypes.Unread(node) is { } type)
        {
            var isHalf = type == ParquetTypes.Half;
            parts.Add(new(
                new(name, type),
                isHalf ? "Rewrite it with 32 bits." : "Rewrite it as text, a truth value or a number.",
                IsNeeded: isHalf));
            return false;
        }

        if (ParquetTypes.IsJson(node))
        {
            json.Add(name);
        }

        ParquetTypes.AsText(node);
        kept.Add(node);
        return true;
    }

    void PassBelow(SchemaElement node)
    {
        for (var child = node.NumChildren ?? 0; child > 0; child--)
        {
            var below = nodes[at];
            at++;
            PassBelow(below);
        }
    }

    static bool IsMap(SchemaElement node) =>
        node.ConvertedType is ConvertedType.MAP or ConvertedType.MAP_KEY_VALUE || node.LogicalType?.MAP is not null;

    // A standard list: a group, a repeated group inside it, an item inside that. Older writers gave these two names to a repeated group
    // that is itself the item.
    static bool IsInsideOf(SchemaElement list, SchemaElement repeated) =>
        list.NumChildren == 1 && (list.ConvertedType == ConvertedType.LIST || list.LogicalType?.LIST is not null)
        && repeated.NumChildren == 1 && repeated.Name != "array" && repeated.Name != $"{list.Name}_tuple";

    readonly record struct Part(UnreadColumn Column, string Instead, bool IsNeeded);
}
