using OrtDpo.Batches;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Data;
using OrtDpo.Data.Inspection;

namespace OrtDpo.Cli.Inspect;

/// <summary>The inspection for people.</summary>
sealed class InspectReport(ProgramOutput output)
{
    const int RowsShown = 5;

    internal void Tell(DataInspection inspection, string bound, string? chatTemplate)
    {
        Sources(inspection);
        Heading("rows");
        Lines([.. LedgerText.Lines(inspection.Ledger), bound, .. chatTemplate is null ? Array.Empty<string>() : [chatTemplate]]);
        Heading("lengths");
        Lines(LengthPlot.Lines(inspection.Lengths));
        var label = inspection.ShownLabel switch { true => ", desirable", false => ", undesirable", null => "" };
        Heading($"one {(inspection.Kind == RowKind.Pair ? "pair" : "row")} as it is trained on ({inspection.ShownRow}{label})");
        Lines(inspection.ShownText.SelectMany(part =>
            WrappedText.Lines($"{part.Key}: {DecodedExample.Quote(WrappedText.Shortened(part.Value))}")));
        output.WriteLine();
        Lines(TokenTable.Lines(inspection.Shown));
        Warnings(inspection);
    }

    void Sources(DataInspection inspection)
    {
        output.WriteLine(inspection.Kind switch
        {
            RowKind.Pair => "sources of preference pairs",
            RowKind.Unpaired => "sources of unpaired feedback",
            _ => "sources of supervised rows",
        });
        output.WriteTable([
            ["  file", "rows", "kept", "share of kept"],
            .. inspection.Sources.Select(source => (IReadOnlyList<string>)
                [$"  {source.Name}", Text($"{source.Rows}"), Text($"{source.Kept}"), Text($"{100 * source.Share:0.#} %")])]);
    }

    void Warnings(DataInspection inspection)
    {
        Heading(inspection.Warnings.Count switch { 0 => "no warnings", 1 => "1 warning", var count => Text($"{count} warnings") });
        foreach (var warning in inspection.Warnings)
        {
            var rows = warning.Count switch { 0 => "", 1 => "1 row: ", var count => Text($"{count} rows: ") };
            Lines(WrappedText.Lines($"{warning.Kind}: {rows}{warning.Text}"));
            if (warning.Rows.Count > 0)
            {
                var more = warning.Rows.Count > RowsShown ? ", … (all with --json)" : "";
                Lines(WrappedText.Lines(string.Join(", ", warning.Rows.Take(RowsShown)) + more).Select(line => $"  {line}"));
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
