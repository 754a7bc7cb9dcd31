using System.Text;
using System.Text.Json;

namespace OrtDpo.Runs;

/// <summary>One line of <c>metrics.jsonl</c>: numbers by name, in the order in which they were added.</summary>
public sealed class MetricsLine
{
    readonly List<KeyValuePair<string, double>> values = [];

    /// <summary>The number under <paramref name="name"/>.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public double this[string name] => Find(name) ?? throw new KeyNotFoundException($"The metrics hold no '{name}'.");

    public IReadOnlyList<KeyValuePair<string, double>> Values => values;

    public MetricsLine Add(string name, double value)
    {
        values.Add(new(name, value));
        return this;
    }

    /// <summary>The number under <paramref name="name"/>, or null.</summary>
    public double? Find(string name) => values.FindIndex(v => v.Key == name) is >= 0 and var i ? values[i].Value : null;

    /// <summary>A JSON object on one line; JSON has no word for numbers that are not finite, so they are null.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in values)
            {
                if (double.IsFinite(value))
                {
                    json.WriteNumber(name, value);
                }
                else
                {
                    json.WriteNull(name);
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
