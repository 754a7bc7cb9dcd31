namespace Parquet;

/// <summary>The message of everything that the real package does and this one does not.</summary>
static class StandIn
{
    public static NotSupportedException Lacks(string found) =>
        new($"{found}. The package Parquet.Net handles it; this is OrtDpo's stand-in, which does not. "
            + "Restore from a registry that has Parquet.Net 6.1.0, or rewrite the file without maps, "
            + "with snappy and PLAIN or dictionary pages.");
}
