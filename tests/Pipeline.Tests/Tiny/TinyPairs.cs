using System.Text;
using System.Text.Json;

namespace OrtDpo.Pipeline.Tests;

/// <summary>
/// Preference pairs of seeded sentences, each with a prompt of its own: chosen completions are polite, rejected ones are not.
/// </summary>
static class TinyPairs
{
    static readonly string[] Words =
    [
        "apple", "bird", "cloud", "door", "evening", "fish", "garden", "hill", "island", "juice", "kite", "lamp",
    ];

    /// <summary>JSON Lines of <paramref name="count"/> rows, with about <paramref name="words"/> words in each text.</summary>
    public static string Lines(int count, int words = 4, int seed = 1)
    {
        var random = new Random(seed);
        int Length() => random.Next(words - (words / 4), words + (words / 4) + 1);
        string Text() => string.Join(' ', Enumerable.Range(0, Length()).Select(_ => Words[random.Next(Words.Length)]));
        var lines = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            var pair = new { prompt = $"{i}: {Text()}?", chosen = $" Yes, {Text()}, please.", rejected = $" No {Text()}" };
            lines.Append(JsonSerializer.Serialize(pair)).Append('\n');
        }

        return lines.ToString();
    }
}
