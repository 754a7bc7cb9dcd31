namespace Parquet.Schema;

/// <summary>A column of <typeparamref name="T"/>: nullable where the type is, or where asked for.</summary>
public class DataField<T>(string name, bool? nullable = null) : DataField(name, typeof(T), nullable);
