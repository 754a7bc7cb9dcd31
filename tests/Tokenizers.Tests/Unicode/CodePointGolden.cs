using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrtDpo.Tokenizers.Tests.Unicode;

/// <summary>What Hugging Face's own library makes of every code point (tests/golden/unicode/provenance.json).</summary>
static class CodePointGolden
{
    static readonly JsonElement Root = JsonDocument.Parse(
        File.ReadAllText(Repository.Find("tests", "golden", "unicode", "huggingface.json"))).RootElement;

    /// <summary>All code points but surrogates.</summary>
    public static IEnumerable<int> All => Enumerable.Range(0, 0x110000).Where(c => c is < 0xD800 or > 0xDFFF);

    public static IEnumerable<string> ClassNames => Root.GetProperty("classes").EnumerateObject().Select(c => c.Name);

    public static IReadOnlyList<string> Texts { get; } = [.. Root.GetProperty("texts").EnumerateArray().Select(t => t.GetString()!)];

    /// <summary>A normalizer's results for single code points, a plane a hash.</summary>
    public static void CheckEach(string type, Func<string, string> normalize) => Assert.Equal(
        Root.GetProperty("each").GetProperty(type).GetString(),
        Hashes(All.GroupBy(c => c >> 16), c => normalize(char.ConvertFromUtf32(c)) + '\n'));

    /// <summary>A normalizer's results for texts of marks and of characters that decompose, 50 a hash.</summary>
    public static void CheckSequences(string type, Func<string, string> normalize) => Assert.Equal(
        Root.GetProperty("sequences").GetProperty(type).GetString(),
        Hashes(Texts.Chunk(50), text => normalize(text) + '\n'));

    /// <summary>The members of a class, a plane a hash.</summary>
    public static void CheckClass(string name, Func<int, bool> contains) => Assert.Equal(
        Root.GetProperty("classes").GetProperty(name).GetString(),
        Hashes(All.GroupBy(c => c >> 16), c => contains(c) ? char.ConvertFromUtf32(c) : ""));

    static string Hashes<T>(IEnumerable<IEnumerable<T>> groups, Func<T, string> text) =>
        string.Concat(groups.Select(group => Hash(string.Concat(group.Select(text)))));

    static string Hash(string text)
    {
        var hash = 0x811c9dc5u;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            hash = unchecked((hash ^ value) * 0x01000193);
        }

        return hash.ToString("x8", CultureInfo.InvariantCulture);
    }
}
