using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Tokenizers;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Artifacts.Tests.Web;

/// <summary>The demo's held-out pairs as rows of any kind, with what a model says of them as their reference.</summary>
sealed class TextRows
{
    readonly StepEngine engine;
    readonly List<Example> pairs;

    /// <param name="engine">The model, before its first update.</param>
    /// <param name="model">Its folder, for the tokenizer.</param>
    /// <param name="count">How many pairs.</param>
    public TextRows(StepEngine engine, string model, int count)
    {
        this.engine = engine;
        var tokenizer = ModelTokenizer.Load(model);
        pairs = [.. File.ReadLines(Repository.Find("models", "demo", "data", "heldout.jsonl")).Take(count).Select(Encoded)];

        Example Encoded(string line)
        {
            using var json = JsonDocument.Parse(line);
            return Example.Pair(tokenizer.EncodeRow(Of("prompt")), Completion("chosen"), Completion("rejected"));

            string Of(string name) => json.RootElement.GetProperty(name).GetString()!;

            int[] Completion(string name) => [.. tokenizer.EncodeContinuation(Of(name)), tokenizer.EosId!.Value];
        }
    }

    /// <summary>The rows that an objective takes.</summary>
    public TrainingRow[] Of(RowKind kind) => [.. pairs.Select((pair, i) => kind switch
    {
        RowKind.Pair => Row(i, pair),
        RowKind.Unpaired => Unpaired(i, pair, pairs[(i + 1) % pairs.Count].Completions[0]),
        _ => Row(i, Example.Unjudged(pair.Prompt, pair.Completions[0])) with { Reference = null },
    })];

    // Two of three are desirable.
    TrainingRow Unpaired(int i, Example pair, int[] mismatched)
    {
        var isDesirable = i % 3 != 0;
        var other = Reference(Example.Unjudged(pair.Prompt, mismatched));
        return Row(i, Example.Labelled(pair.Prompt, pair.Completions[isDesirable ? 0 : 1], isDesirable)) with
        {
            Mismatched = new MismatchedCompletion(mismatched, other[0].Sum),
        };
    }

    TrainingRow Row(int i, Example tokens) => new([$"{i}"], tokens, Reference(tokens), "heldout", i + 1);

    CompletionLogps[] Reference(Example tokens)
    {
        var batch = ExamplePacking.Pack([tokens], engine.Layout);
        var logps = engine.Score(batch);
        return [.. tokens.Completions.Select((completion, k) =>
            CompletionLogps.Of(logps.AsSpan(k * batch.CompletionWidth, completion.Length).ToArray()))];
    }
}
