using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrtDpo.Autodiff.Building;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>One dimension of a tensor in <see cref="ArtifactManifest"/>: a number, or the text of its symbol, such as <c>2*P</c>.</summary>
/// <param name="Size">The number; null: it has a symbol.</param>
/// <param name="Symbol">The symbol; null: it is a number.</param>
[JsonConverter(typeof(Converter))]
public readonly record struct TensorDimension(long? Size, string? Symbol)
{
    /// <summary>The dimension of a graph.</summary>
    public static TensorDimension Of(Dim dim) => dim.Value is { } size ? new(size, null) : new(null, dim.ToString());

    public override string ToString() => Symbol ?? Size!.Value.ToString(CultureInfo.InvariantCulture);

    sealed class Converter : JsonConverter<TensorDimension>
    {
        public override TensorDimension Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType switch
            {
                JsonTokenType.Number when reader.TryGetInt64(out var size) && size >= 0 => new(size, null),
                JsonTokenType.String when reader.GetString() is { Length: > 0 } symbol => new(null, symbol),
                _ => throw new JsonException("A dimension is neither a whole number nor the text of a symbol."),
            };

        public override void Write(Utf8JsonWriter writer, TensorDimension value, JsonSerializerOptions options)
        {
            if (value.Symbol is { } symbol)
            {
                writer.WriteStringValue(symbol);
            }
            else
            {
                writer.WriteNumberValue(value.Size!.Value);
            }
        }
    }
}
