namespace Parquet.Schema;

/// <summary>A list: an optional group, a repeated group inside it, and the item, which may be a column, a struct or a list.</summary>
public sealed class ListField : Field
{
    public const string ElementName = "element";
    public const string DefaultContainerName = "list";

    public ListField(string name, Field item, string containerName = DefaultContainerName)
        : this(name, item, containerName, isNullable: true)
    {
    }

    /// <summary>The item's column is called <paramref name="elementName"/>, or as the list itself.</summary>
    public ListField(
        string name, Type itemDataType, string? propertyName = null, string containerName = DefaultContainerName,
        string? elementName = null)
        : this(name, new DataField(elementName ?? name, itemDataType, propertyName: propertyName), containerName, isNullable: true)
    {
    }

    internal ListField(string name, Field item, string containerName, bool isNullable)
        : base(name, SchemaType.List, isNullable)
    {
        Item = item;
        ContainerName = containerName;
    }

    public Field Item { get; }

    internal string ContainerName { get; }

    internal override IEnumerable<DataField> Leaves => Item.Leaves;

    internal override void Attach(FieldPath path, int definitionLevel, int repetitionLevel)
    {
        if (Item is DataField { IsArray: true })
        {
            // The item is itself what repeats: there is no group around it.
            base.Attach(path, definitionLevel, repetitionLevel);
            Item.Attach(path.Append(Item.Name), MaxDefinitionLevel, repetitionLevel);
            return;
        }

        // One more level each for the repeated group.
        base.Attach(path.Append(ContainerName), definitionLevel + 1, repetitionLevel + 1);
        Item.Attach(Path.Append(Item.Name), MaxDefinitionLevel, MaxRepetitionLevel);
    }
}
