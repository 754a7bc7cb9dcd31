using System.Text.Json;

namespace OrtDpo.Core.Data;

/// <summary>One row of a JSON or JSON Lines file.</summary>
/// <param name="Number">From 1: the line of a JSON Lines file, the place in a JSON array.</param>
/// <param name="Where">File and line, for messages.</param>
/// <param name="Value">The row; valid until the next row is asked for.</param>
internal readonly record struct JsonRow(long Number, string Where, JsonElement Value);
