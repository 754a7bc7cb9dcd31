namespace Parquet;

/// <summary>The file lacks what was asked for.</summary>
public class ParquetException : Exception
{
    public ParquetException(string message)
        : base(message)
    {
    }

    public ParquetException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
