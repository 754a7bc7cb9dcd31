namespace Parquet.Schema;

/// <summary>What a field is.</summary>
public enum SchemaType
{
    Data = 0,
    Map = 1,
    Struct = 2,
    List = 3,
}
