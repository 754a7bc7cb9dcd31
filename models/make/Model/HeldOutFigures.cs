using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.DemoModel.Text;
using OrtDpo.Runs;
using OrtDpo.Tokenizers;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.DemoModel.Model;

/// <summary>What a model prefers before it is tuned: the figures that <see cref="Balance"/> is set by.</summary>
static class HeldOutFigures
{
    public static MetricsLine Measure(string model, IEnumerable<Pair> pairs)
    {
        using var engine = StepEngine.Open(model, new EngineOptions { Threads = SupervisedRecipe.Threads });
        using var loss = LossSession.Sigmoid(beta: 0.1f);
        var tokenizer = ModelTokenizer.Load(model);
        var encoder = new ExampleEncoder(tokenizer.Encode, tokenizer.EncodeContinuation, tokenizer.EosId, engine.Model.Sizes.MaxPositions);
        return Evaluation.Score(
            engine, loss, [.. pairs.Select((pair, i) => Row(encoder, pair, i + 1))], microPairs: null, new MetricsLine());
    }

    // The reference is not asked for: preference accuracy is the policy's own.
    static TrainingRow Row(ExampleEncoder encoder, Pair pair, int number) => new(
        Keys: [""],
        encoder.Encode(new ExampleText(
            "heldout", number, pair.Prompt, [pair.Chosen, pair.Rejected], Judgement.Preference.FirstOfTwo)).Tokens!,
        [new(0, []), new(0, [])],
        "heldout",
        number);
}
