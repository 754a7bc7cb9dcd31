using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrtDpo.Tokenizers.Tests;

/// <summary>Thousands of texts: made as tests/golden/text/strings.mjs makes them, and whole rows of real data.</summary>
static partial class WideTexts
{
    static readonly string[][] Pools = TokenizerGolden.Read("pools.json").Deserialize<string[][]>()!;

    public static IReadOnlyList<string> Of(string set) => set switch
    {
        "made" => [.. Enumerable.Range(0, 6000).Select(Made)],
        "harmless" => [.. Harmless()],
        _ => [.. Demos()],
    };

    static string Made(int number)
    {
        var next = Random((uint)number);
        var text = "";
        for (var runs = 1 + next(7); runs > 0; runs--)
        {
            var pool = Pools[next(Pools.Length)];
            for (var length = 1 + next(4); length > 0; length--)
            {
                text += pool[next(pool.Length)];
            }
        }

        return Surrogate().Replace(text, unit => ((char)int.Parse(unit.Value.AsSpan(2), NumberStyles.HexNumber, null)).ToString());
    }

    static IEnumerable<string> Harmless()
    {
        var path = Path.Combine(SharedData.Folder("hh-rlhf"), "harmless-base-test.jsonl.gz");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            yield return JsonDocument.Parse(line).RootElement.GetProperty("chosen").GetString()!;
        }
    }

    static IEnumerable<string> Demos()
    {
        var path = Path.Combine(SharedData.Folder("preference-demos"), "dpo_en_demo.json");
        foreach (var row in JsonDocument.Parse(File.ReadAllText(path)).RootElement.EnumerateArray())
        {
            yield return row.GetProperty("conversations")[0].GetProperty("value").GetString()!;
            yield return row.GetProperty("chosen").GetProperty("value").GetString()!;
            yield return row.GetProperty("rejected").GetProperty("value").GetString()!;
        }
    }

    // Mulberry32, as in strings.mjs.
    static Func<int, int> Random(uint state) => limit =>
    {
        unchecked
        {
            state += 0x6d2b79f5;
            var t = (state ^ (state >> 15)) * (state | 1);
            t ^= t + ((t ^ (t >> 7)) * (t | 61));
            return (int)((t ^ (t >> 14)) % (uint)limit);
        }
    };

    [GeneratedRegex("U\\+D[89A-F]..")]
    private static partial Regex Surrogate();
}
