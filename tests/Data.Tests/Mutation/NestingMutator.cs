using System.Text;
using OrtDpo.Batches;

namespace OrtDpo.Data.Tests.Mutation;

/// <summary>Nests lists, objects, expressions, blocks or groups so deep that a reader that calls itself has no stack left.</summary>
static class NestingMutator
{
    static readonly int[] Depths = [3, 65, 200, 600, 20_000];

    static readonly (string Before, string Open, string Inner, string Close, string After)[] Forms =
    [
        ("", "[", "", "]", ", "),
        ("", "[", "", "]", ", \"x\": "),
        ("", "{\"a\":", "1", "}", ", "),
        ("", "{\"a\":", "1", "}", ", \"x\": "),
        ("", "(", "a", ")", ""),
        ("", "[", "", "", ""),
        ("", "(?:", "a", ")*", ""),
        ("{{ ", "(", "1", ")", " }}"),
        ("{{ ", "[", "1", "]", " }}"),
        ("{{ ", "not ", "1", "", " }}"),
        ("{{ ", "-", "1", "", " }}"),
        ("{{ 1", "|string", "", "", " }}"),
        ("{{ 1", " + 1", "", "", " }}"),
        ("{{ 1", " ~ 1", "", "", " }}"),
        ("{{ 1", " if 1 else 1", "", "", " }}"),
        ("{{ messages", ".a", "", "", " }}"),
        ("", "{% if true %}", "a", "{% endif %}", ""),
        ("", "{% for a in [1] %}", "a", "{% endfor %}", ""),
        ("{% if false %}", "{% elif false %}", "a", "", "{% endif %}"),
        ("", "{\"type\": \"Sequence\", \"normalizers\": [", "", "]}", ", "),
    ];

    public static byte[] Nest(byte[] whole, ref SplitMix64 random)
    {
        var depth = Depths[random.Next(Depths.Length)];
        var (before, open, inner, close, after) = Forms[random.Next(Forms.Length)];
        var text = $"{before}{Repeat(open, depth)}{inner}{Repeat(close, depth)}{after}";
        var at = random.Next(3) == 0 ? random.Next(whole.Length) : 1 + Place.At(whole, ":[{,\"}"u8, ref random);
        return Place.Replace(whole, at, 0, Encoding.UTF8.GetBytes(text));
    }

    static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
