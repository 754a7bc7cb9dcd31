namespace Parquet.Schema;

/// <summary>The names from the schema's root to a field.</summary>
public sealed class FieldPath : IEquatable<FieldPath>
{
    readonly string[] parts;

    public FieldPath(string firstPart)
        : this([firstPart])
    {
    }

    public FieldPath(params string[] parts) => this.parts = [.. parts];

    public FieldPath(IEnumerable<string> parts) => this.parts = [.. parts];

    internal IReadOnlyList<string> Parts => parts;

    internal FieldPath Append(string name) => new([.. parts, name]);

    public bool Equals(FieldPath? other) => other is not null && parts.AsSpan().SequenceEqual(other.parts);

    public override bool Equals(object? obj) => Equals(obj as FieldPath);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The names joined with '/'.</summary>
    public override string ToString() => string.Join('/', parts);
}
