using OrtDpo.Data;
using OrtDpo.Data.Inspection;
using OrtDpo.Models;
using OrtDpo.Tokenizers;

namespace OrtDpo.Precompute;

/// <summary>Reads and encodes the data as precompute and sft do, and tells what it is.</summary>
public static class InspectStage
{
    /// <summary>Inspects rows of one kind.</summary>
    /// <param name="model">Whose tokenizer and positions count: a model folder.</param>
    /// <param name="data">The rows.</param>
    /// <exception cref="InvalidDataException">A file is damaged, or a row is of another kind than the first.</exception>
    public static InspectResult Run(string model, DataSettings data)
    {
        var tokenizer = ModelTokenizer.Load(model);
        var kind = RowFile.KindOf(data.AllFiles);
        var (maxLength, reason) = MaxLengthChoice.Of(ModelFolder.ModelOf(model), data.MaxLength);
        var encoder = ExampleEncoder.Of(model, tokenizer, data, maxLength);
        var rows = new List<InspectedRow>();
        var prepared = ExamplePreparation.Prepare(
            kind, data, encoder, Shard.Whole,
            (text, encoded, split, copies) => rows.AddRange(InspectedRow.Of(text, encoded, split, copies)));
        var inspection = DataInspection.Of(kind, rows, prepared, encoder.Conversations?.TemplateDigest, tokenizer);
        return new InspectResult(inspection, maxLength, reason, encoder.Conversations);
    }
}
