using Parquet.Meta;

namespace OrtDpo.Data;

/// <summary>Refuses, by name, columns that Parquet.Net 6.1.0 does not read, or reads otherwise than the format says.</summary>
static class ParquetSchemaCheck
{
    /// <param name="path">The file.</param>
    /// <param name="nodes">Its schema, depth first: what a group with one child holds stands behind it.</param>
    /// <exception cref="NotSupportedException">There is such a column.</exception>
    internal static void Require(string path, IReadOnlyList<SchemaElement> nodes)
    {
        for (var i = 1; i < nodes.Count; i++)
        {
            var node = nodes[i];
            if (node.LogicalType?.FLOAT16 is not null)
            {
                throw new NotSupportedException(
                    $"{path}: column '{node.Name}' holds numbers of 16 bits, which are not read. Rewrite the file with 32 bits.");
            }

            if (node.ConvertedType is ConvertedType.MAP or ConvertedType.MAP_KEY_VALUE)
            {
                throw Map(path, node.Name);
            }

            if (node is { RepetitionType: FieldRepetitionType.REPEATED, NumChildren: > 0 } && !IsInsideOf(nodes[i - 1], node))
            {
                throw new NotSupportedException(
                    $"{path}: column '{node.Name}' is a struct that repeats in the older form of lists with two levels, which is not read. "
                    + "Rewrite the file with standard lists, as pyarrow and DuckDB write them.");
            }
        }
    }

    internal static NotSupportedException Map(string path, string name) =>
        new($"{path}: column '{name}' is a map, which is not read. Rewrite it as a struct or as a list of structs.");

    // A standard list: a group, a repeated group inside it, an item inside that. Older writers gave these two names to a repeated group
    // that is itself the item.
    static bool IsInsideOf(SchemaElement list, SchemaElement repeated) =>
        list.NumChildren == 1 && (list.ConvertedType == ConvertedType.LIST || list.LogicalType?.LIST is not null)
        && repeated.NumChildren == 1 && repeated.Name != "array" && repeated.Name != $"{list.Name}_tuple";
}
