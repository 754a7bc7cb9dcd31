using OrtDpo.Core.CommandLine;
using OrtDpo.Core.Data;
using OrtDpo.Core.Data.Inspection;

namespace OrtDpo.Cli.Inspect;

/// <summary>The inspection for people.</summary>
sealed class InspectReport(ProgramOutput output)
{
    const int RowsShown = 5;

    internal void Tell(DataInspection inspection, string maxLength)
    {
        Sources(inspection);
        Heading($"rows (prompt + one completion: at most {maxLength})");
        Lines(LedgerText.Lines(inspection.Ledger));
        Heading("lengths");
        Lines(LengthPlot.Lines(inspection.Lengths));
        Heading($"one pair as it is trained on ({inspection.ShownRow})");
        Lines(inspection.ShownText.Select(part => $"{part.Key}: {DecodedPair.Quote(part.Value)}"));
        output.WriteLine();
        Lines(TokenTable.Lines(inspection.Shown));
        Warnings(inspection);
    }

    void Sources(DataInspection inspection)
    {
        output.WriteLine("sources");
        output.WriteTable([
            ["  file", "rows", "kept", "share"],
            .. inspection.Sources.Select(source => (IReadOnlyList<string>)
                [$"  {source.Name}", Text($"{source.Rows}"), Text($"{source.Kept}"), Text($"{100 * source.Share:0.#} %")])]);
    }

    void Warnings(DataInspection inspection)
    {
        Heading(inspection.Warnings.Count switch { 0 => "no warnings", 1 => "1 warning", var count => Text($"{count} warnings") });
        foreach (var warning in inspection.Warnings)
        {
            var rows = warning.Count switch { 0 => "", 1 => "1 row: ", var count => Text($"{count} rows: ") };
            output.WriteLine($"  {warning.Kind}: {rows}{warning.Text}");
            if (warning.Rows.Count > 0)
            {
                output.WriteLine($"    {string.Join(", ", warning.Rows.Take(RowsShown))}{(warning.Rows.Count > RowsShown ? ", … (all with --json)" : "")}");
            }
        }
    }

    void Heading(string text)
    {
        output.WriteLine();
        output.WriteLine(text);
    }

    void Lines(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            output.WriteLine($"  {line}");
        }
    }

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}
