using System.Text.Json;
using OrtDpo.Core.CommandLine;
using OrtDpo.Data;
using OrtDpo.Data.Inspection;
using OrtDpo.Runs;
using OrtDpo.Models;
using OrtDpo.Tokenizers;

namespace OrtDpo.Cli.Inspect;

/// <summary>Reads and encodes the data as precompute and sft do, and tells what it is.</summary>
static class InspectStage
{
    internal static void Run(InspectSettings settings, ProgramOutput output)
    {
        var kind = RowFile.KindOf(settings.Data.AllFiles);
        var tokenizer = ModelTokenizer.Load(settings.Model);
        var (maxLength, reason) = MaxLengthChoice.Of(settings.Model, settings.Data.MaxLength);
        var encoder = PairEncoder.Of(settings.Model, tokenizer, settings.Data, maxLength);
        var rows = new List<InspectedRow>();
        var prepared = PairPreparation.Prepare(
            kind, settings.Data, encoder, Shard.Whole,
            (text, encoded, split, copies) => rows.Add(new InspectedRow(text, encoded, split) { Copies = copies }));
        var inspection = DataInspection.Of(kind, rows, prepared, encoder.Conversations?.TemplateDigest, tokenizer);
        if (settings.Json)
        {
            output.WriteLine(JsonSerializer.Serialize(inspection, FileJson.Options));
        }
        else
        {
            new InspectReport(output).Tell(
                inspection,
                FormattableString.Invariant($"prompt + one completion: at most {maxLength} tokens, {reason}"),
                encoder.Conversations?.Description);
        }
    }
}
