using System.Globalization;
using System.IO.Compression;

namespace OrtDpo.Tokenizers.Tests.Unicode;

/// <summary>The Unicode Character Database's own test of normalization (eng/unicode/provenance.json).</summary>
static class NormalizationTestFile
{
    /// <summary>Each line's columns: source, NFC, NFD, NFKC, NFKD; and whether it is of part 1, which lists single characters.</summary>
    public static IEnumerable<(string[] Columns, bool Single)> Lines()
    {
        var path = Repository.Find("tests", "golden", "unicode", "NormalizationTest.txt.br");
        using var reader = new StreamReader(new BrotliStream(File.OpenRead(path), CompressionMode.Decompress));
        var part = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('@'))
            {
                part = line[..6];
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                yield return ([.. line.Split(';').Take(5).Select(Text)], part == "@Part1");
            }
        }
    }

    static string Text(string column) => string.Concat(
        column.Split(' ').Select(c => char.ConvertFromUtf32(int.Parse(c, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))));
}
