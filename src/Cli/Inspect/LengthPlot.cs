using System.Globalization;
using OrtDpo.Core.Data.Inspection;

namespace OrtDpo.Cli.Inspect;

/// <summary>A histogram as bars of text, an eighth of a character fine.</summary>
static class LengthPlot
{
    const int BarWidth = 16;
    const string Eighths = " ▏▎▍▌▋▊▉█";

    internal static IEnumerable<string> Lines(LengthHistogram histogram)
    {
        var largest = histogram.Bins.Max(bin => Math.Max(bin.Prompt, Math.Max(bin.Chosen, bin.Rejected)));
        var digits = largest.ToString(CultureInfo.InvariantCulture).Length;
        var column = BarWidth + 1 + digits;
        yield return string.Create(CultureInfo.InvariantCulture, $"{"tokens",11}  {"prompts".PadRight(column)}  {"chosen".PadRight(column)}  rejected");
        foreach (var bin in histogram.Bins)
        {
            var range = bin.To is { } to ? string.Create(CultureInfo.InvariantCulture, $"{bin.From} to {to}")
                : string.Create(CultureInfo.InvariantCulture, $"from {bin.From}");
            yield return $"{range,11}  {Cell(bin.Prompt)}  {Cell(bin.Chosen)}  {Cell(bin.Rejected)}".TrimEnd();
        }

        string Cell(int count) => $"{Bar(count, largest)} {count.ToString(CultureInfo.InvariantCulture).PadLeft(digits)}";
    }

    // A count that is not zero shows at least an eighth.
    static string Bar(int count, int largest)
    {
        var eighths = count == 0 ? 0 : Math.Max(1, (int)Math.Round(8.0 * BarWidth * count / largest));
        var bar = new string(Eighths[8], eighths / 8) + (eighths % 8 == 0 ? "" : Eighths[eighths % 8]);
        return bar.PadRight(BarWidth);
    }
}
