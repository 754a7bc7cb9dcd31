using System.Text.Json;
using OrtDpo.Core.CommandLine;
using OrtDpo.Core.Data;
using OrtDpo.Core.Data.Inspection;
using OrtDpo.Core.Runs;
using OrtDpo.Core.Text;
using OrtDpo.Graph.Models;

namespace OrtDpo.Cli.Inspect;

/// <summary>Reads and encodes the data as precompute does, and tells what it is.</summary>
static class InspectStage
{
    internal static void Run(InspectSettings settings, ProgramOutput output)
    {
        if (RowFile.KindOf(settings.Data.AllFiles) != RowKind.Pair)
        {
            throw new NotSupportedException(
                $"{settings.Data.Files[0].Path} holds no preference pairs, which inspect reads. Precompute prints the ledger of unpaired feedback.");
        }

        var tokenizer = ModelTokenizer.Load(settings.Model);
        var (maxLength, reason) = MaxLengthChoice.Of(settings.Model, settings.Data.MaxLength);
        var rows = new List<InspectedRow>();
        var prepared = PairPreparation.Prepare(
            RowKind.Pair,
            settings.Data,
            PairEncoder.Of(settings.Model, tokenizer, settings.Data, maxLength),
            Shard.Whole,
            (text, encoded, split) => rows.Add(new InspectedRow(text, encoded, split)));
        var inspection = DataInspection.Of(rows, prepared, tokenizer);
        if (settings.Json)
        {
            output.WriteLine(JsonSerializer.Serialize(inspection, FileJson.Options));
        }
        else
        {
            new InspectReport(output).Tell(inspection, FormattableString.Invariant($"{maxLength} tokens, {reason}"));
        }
    }
}
