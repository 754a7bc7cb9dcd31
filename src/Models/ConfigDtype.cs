using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Safetensors;

namespace OrtDpo.Models;

/// <summary>
/// The dtype that <c>config.json</c> names: <c>torch_dtype</c>, or <c>dtype</c> in newer files. A host may load weights in the type that
/// stands there, so it must be theirs.
/// </summary>
static class ConfigDtype
{
    static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>
    /// The file with <paramref name="type"/> under either name; every other byte stays. Where it names none, one is added only for
    /// 16 bits: nothing is read as float32.
    /// </summary>
    /// <param name="config">A JSON object.</param>
    /// <param name="type">The type of the weights beside it.</param>
    public static byte[] With(byte[] config, WeightType type)
    {
        var text = $"\"{type.ConfigName()}\"";
        var start = config.AsSpan().StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        var (values, first) = Find(config.AsSpan(start));
        if (values.Count > 0)
        {
            return Spliced(config, [.. values.Select(value => (start + value.Start, start + value.End, text))]);
        }

        // Before the first member, behind white space as it has.
        var open = start + config.AsSpan(start).IndexOf((byte)'{') + 1;
        var space = Encoding.UTF8.GetString(config[open..(start + first)]);
        return type == WeightType.F32 ? config : Spliced(config, [(open, open, $"{space}\"torch_dtype\": {text},")]);
    }

    /// <summary>The file's fields, to be changed and written anew.</summary>
    /// <param name="config">A JSON object, with or without a byte order mark.</param>
    public static JsonObject Fields(byte[] config) =>
        JsonNode.Parse(config.AsSpan()[(config.AsSpan().StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0)..])!.AsObject();

    // The places of the values, and that of the first member's name.
    static (List<(int Start, int End)> Values, int First) Find(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var values = new List<(int, int)>();
        var first = json.Length - 1;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
            {
                continue;
            }

            first = Math.Min(first, (int)reader.TokenStartIndex);
            var isDtype = reader.ValueTextEquals("torch_dtype") || reader.ValueTextEquals("dtype");
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isDtype)
            {
                values.Add((start, (int)reader.BytesConsumed));
            }
        }

        return (values, first);
    }

    static byte[] Spliced(byte[] bytes, IReadOnlyList<(int Start, int End, string Text)> parts)
    {
        var result = new List<byte>();
        var at = 0;
        foreach (var (start, end, text) in parts)
        {
            result.AddRange(bytes[at..start]);
            result.AddRange(Encoding.UTF8.GetBytes(text));
            at = end;
        }

        return [.. result, .. bytes[at..]];
    }
}
