using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Families;

/// <summary>
/// The inference graph of every family in float64, its cache filled part by part in padded batches, against PyTorch's float64 on every
/// sequence alone.
/// </summary>
[Trait("Speed", "native")]
public sealed class CachedInferenceTests
{
    /// <summary>Where the tokens of a row stand among the columns of its batch.</summary>
    public enum Padding
    {
        /// <summary>At the end: zeros before them.</summary>
        Left,

        /// <summary>At the beginning: zeros behind them.</summary>
        Right,

        /// <summary>A prompt at the beginning and its completion at the end, as where prompts were padded on the right.</summary>
        Between,
    }

    public static TheoryData<string, Padding, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, Padding, int>();
            foreach (var family in GoldenFamily.Families)
            {
                foreach (var padding in Enum.GetValues<Padding>())
                {
                    // All columns at once, parts, and one by one.
                    cases.Add(family, padding, int.MaxValue);
                    cases.Add(family, padding, 3);
                    cases.Add(family, padding, 1);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Log_probabilities_by_the_cache_are_those_of_pytorch(string family, Padding padding, int part)
    {
        using var golden = new GoldenFamily(family);
        var model = ModelFamilies.Read(golden.Folder, DataType.Float64);
        AssertClose(Expected(golden), TokenLogps(model, golden, padding, part, one: 1), Tolerances.Float64);
    }

    [Theory]
    [InlineData("mistral")]
    [InlineData("phi3")]
    [InlineData("gemma2")]
    public void A_window_of_one_more_token_is_seen(string family)
    {
        using var golden = new GoldenFamily(family);
        var config = ((LlamaModel)ModelFamilies.Read(golden.Folder, DataType.Float64)).Config;
        var sliding = config.Sliding with { Size = config.Sliding.Size + 1 };
        var other = new LlamaModel(config with { Sliding = sliding }, DataType.Float64);
        Assert.InRange(Largest(Expected(golden), TokenLogps(other, golden, Padding.Left, part: 1, one: 1)), 1e-3, double.MaxValue);
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void Padding_that_counts_as_tokens_is_seen(string family)
    {
        using var golden = new GoldenFamily(family);
        var model = ModelFamilies.Read(golden.Folder, DataType.Float64);
        Assert.InRange(Largest(Expected(golden), TokenLogps(model, golden, Padding.Left, part: 1, one: 0)), 1e-3, double.MaxValue);
    }

    static double Largest(double[] expected, double[] actual) => expected.Zip(actual, (x, y) => Math.Abs(x - y)).Max();

    static double[] Expected(GoldenFamily golden)
    {
        var batch = ExamplePacking.Pack([.. golden.Pairs.Select(row => row.Tokens)], BatchLayout.Stacked);
        var padded = golden.TokenLogps(batch);
        return [.. golden.Pairs.SelectMany(row => row.Tokens.Completions).SelectMany(
            (completion, row) => padded.Skip(row * batch.CompletionWidth).Take(completion.Length))];
    }

    // All completions after their prompts, one row each. The mask of padding is 1 − one.
    static double[] TokenLogps(DecoderModel model, GoldenFamily golden, Padding padding, int part, long one)
    {
        var rows = golden.Pairs.SelectMany(row => row.Tokens.Completions.Select(completion => (row.Tokens.Prompt, Completion: completion)))
            .ToList();
        var width = rows.Max(row => row.Prompt.Length) + rows.Max(row => row.Completion.Length);
        var columns = rows.Select(row => Columns(row.Prompt.Length, row.Completion.Length, width, padding)).ToList();
        // Padding has a token and a position that the model knows, but no meaning.
        var ids = columns.Select(_ => Enumerable.Repeat(1L, width).ToArray()).ToList();
        var mask = columns.Select(_ => Enumerable.Repeat(1 - one, width).ToArray()).ToList();
        var positions = columns.Select(_ => new long[width]).ToList();
        foreach (var (i, row) in rows.Index())
        {
            foreach (var (token, column) in columns[i].Index())
            {
                ids[i][column] = row.Prompt.Concat(row.Completion).ElementAt(token);
                mask[i][column] = 1;
                positions[i][column] = token;
            }
        }

        var logits = Logits(model, golden.Folder, ids, mask, positions, part);
        return [.. rows.SelectMany((row, i) => row.Completion.Select((id, t) =>
            LogSoftmaxAt(logits[i][columns[i][row.Prompt.Length + t - 1]], id)))];
    }

    static int[] Columns(int prompt, int completion, int width, Padding padding)
    {
        var from = padding == Padding.Left ? width - prompt - completion : 0;
        var rest = padding == Padding.Between ? width - completion : from + prompt;
        return [.. Enumerable.Range(from, prompt), .. Enumerable.Range(rest, completion)];
    }

    // By row and column: the logits there.
    static double[][][] Logits(
        DecoderModel model, string folder, List<long[]> ids, List<long[]> mask, List<long[]> positions, int part)
    {
        var graph = InferenceGraph.Of(model).Lower(LoweringKind.Primitive);
        var feeds = new Dictionary<string, Tensor>(ComposedLoss.Weights(folder, DataType.Float64));
        foreach (var past in graph.Inputs.Where(input => input.Name.StartsWith(CachePorts.PastPrefix, StringComparison.Ordinal)))
        {
            Assert.Equal([CachePorts.Batch, CachePorts.Past], past.Shape.Select(dim => dim.Symbol).OfType<string>());
            feeds[past.Name] = Tensor.Of(DataType.Float64, [ids.Count, past.Shape[1].Value!.Value, 0, past.Shape[3].Value!.Value], []);
        }

        var (width, vocabulary) = (ids[0].Length, model.Sizes.VocabSize);
        var logits = ids.Select(_ => new double[width][]).ToArray();
        string[] inputs = [.. graph.Inputs.Select(input => input.Name)];
        using var session = GraphRunner.Open(graph);
        for (var from = 0; from < width; from += Math.Min(part, width - from))
        {
            var to = from + Math.Min(part, width - from);
            feeds["input_ids"] = Rows(ids, from, to);
            feeds["attention_mask"] = Rows(mask, 0, to);
            feeds["position_ids"] = Rows(positions, from, to);
            var outputs = GraphRunner.Run(session, inputs, feeds);
            foreach (var (name, present) in outputs.Where(output => output.Key != "logits"))
            {
                Assert.Equal(to, present.Sizes[2]);
                feeds[CachePorts.PastPrefix + name[CachePorts.PresentPrefix.Length..]] = present;
            }

            var found = outputs["logits"].Numbers();
            for (var at = 0; at < ids.Count * (to - from); at++)
            {
                logits[at / (to - from)][from + (at % (to - from))] = found[(at * vocabulary)..((at + 1) * vocabulary)];
            }
        }

        return logits;
    }

    static Tensor Rows(List<long[]> rows, int from, int to) =>
        new(DataType.Int64, [rows.Count, to - from], rows.SelectMany(row => row[from..to]).ToArray());

    static double LogSoftmaxAt(double[] logits, int id)
    {
        var max = logits.Max();
        return logits[id] - max - Math.Log(logits.Sum(x => Math.Exp(x - max)));
    }
}
