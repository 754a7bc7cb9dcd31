using System.Globalization;
using OrtDpo.Data.Inspection;

namespace OrtDpo.Cli.Inspect;

/// <summary>A histogram as bars of text, an eighth of a character fine.</summary>
static class LengthPlot
{
    const int BarWidth = 16;
    const string Eighths = " ▏▎▍▌▋▊▉█";

    internal static IEnumerable<string> Lines(LengthHistogram histogram)
    {
        var largest = histogram.Bins.Max(bin => histogram.Parts.Max(bin.Of));
        var digits = largest.ToString(CultureInfo.InvariantCulture).Length;
        var column = BarWidth + 1 + digits;
        yield return Line("tokens", histogram.Parts.Select(part => Heading(part).PadRight(column)));
        foreach (var bin in histogram.Bins)
        {
            var range = bin.To is { } to ? string.Create(CultureInfo.InvariantCulture, $"{bin.From} to {to}")
                : string.Create(CultureInfo.InvariantCulture, $"from {bin.From}");
            yield return Line(range, histogram.Parts.Select(part => Cell(bin.Of(part))));
        }

        string Cell(int count) => $"{Bar(count, largest)} {count.ToString(CultureInfo.InvariantCulture).PadLeft(digits)}";
    }

    static string Line(string range, IEnumerable<string> cells) => $"{range,11}  {string.Join("  ", cells)}".TrimEnd();

    static string Heading(string part) => part is "prompt" or "completion" ? $"{part}s" : part;

    // A count that is not zero shows at least an eighth.
    static string Bar(int count, int largest)
    {
        var eighths = count == 0 ? 0 : Math.Max(1, (int)Math.Round(8.0 * BarWidth * count / largest));
        var bar = new string(Eighths[8], eighths / 8) + (eighths % 8 == 0 ? "" : Eighths[eighths % 8]);
        return bar.PadRight(BarWidth);
    }
}
