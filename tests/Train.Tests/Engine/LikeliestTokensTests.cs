using OrtDpo.Batches;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>
/// Which tokens of completions a scorer calls the likeliest, against whole rows of logits of the same model, of which greedy decoding takes
/// the largest: of heads in parts of the vocabulary, and of foreign ones that run whole.
/// </summary>
[Trait("Speed", "native")]
public sealed class LikeliestTokensTests
{
    [Theory]
    [InlineData("tiny")]
    [InlineData("tied")]
    [InlineData("gpt2-opset14")]
    [InlineData("gpt2-opset17-outside")]
    [InlineData("llama-opset14")]
    [InlineData("llama-opset16-clipped")]
    [InlineData("llama-opset17-pasts")]
    public void They_are_those_that_greedy_decoding_takes(string name)
    {
        OrtProcess.Start(threads: 2);
        using var tiny = name is "tiny" or "tied" ? new TinyLlama(tied: name == "tied") : null;
        using var golden = tiny is null ? new GoldenModel(name, "foreign-onnx", BatchLayout.Stacked) : null;
        using var pool = new MemoryPool();
        using var parameters = ModelParameters.Open(tiny?.Folder ?? golden!.Folder, WeightMapping.ReadOnly, pool);
        using var scorer = new DecoderScorer(parameters, pool);
        using var logits = new FragmentLogits(parameters, pool, keeps: false);
        Example[] pairs = [.. Pairs(parameters.Model.Sizes.VocabSize, logits)];
        var batch = ExamplePacking.Pack(pairs, scorer.Layout);

        var scores = scorer.ScoreTokens(batch);

        Assert.Equal(scorer.Score(batch), scores.Logps);
        Assert.NotNull(scores.AreLikeliest);
        var (right, tokens, completion) = (0, 0, 0);
        foreach (var pair in pairs)
        {
            foreach (var ids in pair.Completions)
            {
                var rows = RowsOf(logits, pair.Prompt, ids);
                for (var t = 0; t < ids.Length; t++)
                {
                    var isLikeliest = rows[t][ids[t]] == rows[t].Max();
                    Assert.Equal(isLikeliest, scores.AreLikeliest[(completion * batch.CompletionWidth) + t]);
                    right += isLikeliest ? 1 : 0;
                    tokens++;
                }

                completion++;
            }
        }

        Assert.InRange(right, 1, tokens - 1);
        // Padding is nobody's token.
        Assert.Equal(right, scores.AreLikeliest.Count(isLikeliest => isLikeliest));
    }

    // Random completions, of which the first begins with what greedy decoding would say.
    static IEnumerable<Example> Pairs(int vocabulary, FragmentLogits logits)
    {
        var random = new Random(3);
        int[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(3, vocabulary))];
        for (var i = 0; i < 6; i++)
        {
            var prompt = Draw(2 + i);
            int[] chosen = [.. GreedyDecoding.Continue(prompt, 3, [], ids => logits.After(ids, ids.Length - 1).Single()), .. Draw(2)];
            yield return Example.Pair(prompt, chosen, Draw(1 + i));
        }
    }

    static List<float[]> RowsOf(FragmentLogits logits, int[] prompt, int[] completion) =>
    [
        .. logits.After([.. prompt.Concat(completion).SkipLast(1).Select(id => (long)id)], prompt.Length - 1),
    ];
}
