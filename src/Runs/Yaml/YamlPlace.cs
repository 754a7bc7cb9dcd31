using System.Globalization;

namespace OrtDpo.Runs.Yaml;

/// <summary>Where something stands in a file, from 1.</summary>
/// <param name="Line">The line.</param>
/// <param name="Column">The column, in characters.</param>
public readonly record struct YamlPlace(long Line, long Column)
{
    /// <summary>As in "line 3 column 7".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"line {Line} column {Column}");
}
