using System.Globalization;
using System.Text.Json;

namespace OrtDpo.Tokenizers.Tests;

/// <summary>What Hugging Face's own library makes of the golden texts (tests/golden/text/provenance.json).</summary>
sealed class TokenizerGolden
{
    static readonly JsonElement Texts = Read("texts.json");

    readonly JsonElement rows;

    TokenizerGolden(JsonElement rows)
    {
        this.rows = rows;
    }

    public static string Folder => Repository.Find("tests", "golden", "text");

    public static IReadOnlyList<string> Curated { get; } = [.. Texts.GetProperty("curated").EnumerateArray().Select(t => t.GetString()!)];

    public static IReadOnlyList<string> Fuzzed { get; } = [.. Texts.GetProperty("fuzzed").EnumerateArray().Select(t => t.GetString()!)];

    public static TokenizerGolden Of(string name) => new(Read($"{name}.json"));

    public static TokenizerGolden OfVariant(string name) => new(Read("variants.golden.json").GetProperty(name));

    public static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, name))).RootElement;

    /// <summary>Fails with all texts that differ, not only the first.</summary>
    public void Check(ModelTokenizer tokenizer)
    {
        var wrong = new List<string>();
        foreach (var (text, row) in Curated.Zip(rows.GetProperty("curated").EnumerateArray()))
        {
            var expected = row.GetProperty("ids").GetString()!;
            var ids = tokenizer.Encode(text);
            var found = string.Join(' ', ids);
            if (found != expected)
            {
                wrong.Add($"{JsonSerializer.Serialize(text)}: {found}, expected {expected}");
            }

            var decoded = tokenizer.Decode(ids);
            var expectedText = row.TryGetProperty("decoded", out var other) ? other.GetString() : text;
            if (decoded != expectedText)
            {
                wrong.Add($"{JsonSerializer.Serialize(text)}: decoded {JsonSerializer.Serialize(decoded)}");
            }
        }

        var hashes = rows.GetProperty("fuzzed").GetString()!;
        for (var i = 0; i < hashes.Length / 8; i++)
        {
            var ids = tokenizer.Encode(Fuzzed[i]);
            if (Hash(ids) != hashes.Substring(8 * i, 8))
            {
                wrong.Add($"fuzzed {i} {JsonSerializer.Serialize(Fuzzed[i])}: {string.Join(' ', ids)}");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} differ:\n{string.Join('\n', wrong.Take(20))}");
    }

    /// <summary>FNV-1a, as in tests/golden/text/make.mjs.</summary>
    public static string Hash(IEnumerable<int> ids)
    {
        var hash = 0x811c9dc5u;
        foreach (var id in ids)
        {
            for (var shift = 0; shift < 32; shift += 8)
            {
                hash = unchecked((hash ^ ((uint)id >> shift & 255)) * 0x01000193);
            }
        }

        return hash.ToString("x8", CultureInfo.InvariantCulture);
    }
}
