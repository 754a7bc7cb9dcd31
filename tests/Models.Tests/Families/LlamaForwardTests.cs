using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Families;

[Trait("Speed", "native")]
public sealed class LlamaForwardTests
{
    readonly LlamaCase llama = new(DataType.Float64, tied: false, keyValueHeads: 2);

    [Fact]
    public void The_composed_graph_is_the_fragments_run_one_after_the_other()
    {
        var feeds = llama.Feeds(LlamaCase.Pairs);
        var composed = TokenLogps(feeds);
        var model = llama.Model;
        Fragment[] fragments = [model.Embed(), .. model.Layers(), model.Head()];
        foreach (var fragment in fragments)
        {
            var inputs = fragment.Graph.Inputs.ToDictionary(
                i => i.Name, i => feeds[fragment.ParameterNames.GetValueOrDefault(i.Name, i.Name)]);
            foreach (var (name, value) in GraphRunner.Run(fragment.Graph.Lower(LoweringKind.Primitive), inputs))
            {
                feeds[name == "hidden_out" ? "hidden" : name] = value;
            }
        }

        AssertClose(composed.Numbers(), feeds["token_logps"].Numbers(), Tolerances.Float64);
    }

    [Fact]
    public void Packing_several_pairs_in_a_row_changes_no_log_probability()
    {
        // Widest pair alone in its row, the two others share one; then every pair by itself.
        var packed = ExamplePacking.Pack(
            [.. LlamaCase.Pairs, Example.Pair([1, 2, 3, 4, 5, 6, 7, 8, 9], [10, 11, 12, 13, 14], [15, 16, 17, 18, 19, 20])]);
        Assert.True(packed.Rows < 4);
        var together = Completions(packed, TokenLogps(llama.Feeds(packed, [.. LlamaCase.Pairs, LlamaCase.Pairs[0]])));
        for (var i = 0; i < LlamaCase.Pairs.Length; i++)
        {
            var alone = ExamplePacking.Pack([LlamaCase.Pairs[i]]);
            var logps = Completions(alone, TokenLogps(llama.Feeds(alone, [LlamaCase.Pairs[i]])));
            AssertClose(logps[0], together[i], Tolerances.Float64);
            AssertClose(logps[1], together[4 + i], Tolerances.Float64);
        }
    }

    [Fact]
    public void A_packed_pair_scores_like_its_two_sequences_alone()
    {
        var pair = LlamaCase.Pairs[2];
        var packed = ExamplePacking.Pack([pair]);
        var logps = Completions(packed, TokenLogps(llama.Feeds(packed, [pair])));
        foreach (var (completion, packedLogps) in new[] { (pair.Completions[0], logps[0]), (pair.Completions[1], logps[1]) })
        {
            var single = ExamplePacking.Pack([Example.Unjudged(pair.Prompt, completion)]);
            AssertClose(Completions(single, TokenLogps(llama.Feeds(single, [pair])))[0], packedLogps, Tolerances.Float64);
        }
    }

    [Fact]
    public void The_logits_of_the_inference_graph_give_the_same_log_probabilities()
    {
        var llama = new LlamaCase(DataType.Float32, tied: true, keyValueHeads: 4);
        var pair = LlamaCase.Pairs[1];
        var packed = ExamplePacking.Pack([pair]);
        var expected = Completions(packed, Run(llama, llama.Feeds(packed, [pair])))[0];

        long[] ids = [.. pair.Prompt.Concat(pair.Completions[0]).Select(id => (long)id)];
        long[] shape = [1, ids.Length];
        var feeds = new Dictionary<string, Tensor>(llama.Weights)
        {
            ["input_ids"] = new(DataType.Int64, shape, ids),
            ["attention_mask"] = new(DataType.Int64, shape, ids.Select(_ => 1L).ToArray()),
            ["position_ids"] = new(DataType.Int64, shape, ids.Select((_, i) => (long)i).ToArray()),
        };
        var graph = InferenceGraph.Of(llama.Model);
        foreach (var past in graph.Inputs.Where(input => input.Name.StartsWith(CachePorts.PastPrefix, StringComparison.Ordinal)))
        {
            feeds[past.Name] = Tensor.Of(DataType.Float32, [1, past.Shape[1].Value!.Value, 0, past.Shape[3].Value!.Value], []);
        }

        var logits = GraphRunner.Run(graph.Lower(LoweringKind.Fused), feeds)["logits"].Numbers();
        var actual = pair.Completions[0]
            .Select((id, t) => LogSoftmaxAt([.. logits.Skip((pair.Prompt.Length + t - 1) * 23).Take(23)], id))
            .ToArray();
        AssertClose(expected, actual, Tolerances.Float32Graph);
    }

    Tensor TokenLogps(Dictionary<string, Tensor> feeds) => Run(llama, feeds);

    static Tensor Run(LlamaCase llama, Dictionary<string, Tensor> feeds)
    {
        var composition = ModelComposition.TokenLogps(llama.Model);
        return GraphRunner.Run(
            composition.Builder.Build([("token_logps", composition["token_logps"])]).Lower(LoweringKind.Primitive), feeds)["token_logps"];
    }

    // In the order of a pair loss: the chosen ones first.
    static double[][] Completions(PackedBatch batch, Tensor tokenLogps)
    {
        int[] lengths = [.. Enumerable.Range(0, batch.Completions).Select(batch.CompletionLength)];
        return [.. tokenLogps.Numbers().Chunk(batch.CompletionWidth).Zip(
            ComposedLoss.ChosenFirst(lengths, 1), (row, length) => row[..length])];
    }

    static double LogSoftmaxAt(double[] logits, int id)
    {
        var max = logits.Max();
        return logits[id] - max - Math.Log(logits.Sum(x => Math.Exp(x - max)));
    }
}
