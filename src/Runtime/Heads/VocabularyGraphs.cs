using OrtDpo.Autodiff.Building;

namespace OrtDpo.Runtime.Heads;

/// <summary>
/// The graphs of a part of the vocabulary: M rows <c>[M, H]</c> meet P lines <c>[P, H]</c>, the weights in the type that they are stored
/// in. Over all parts they make log softmax(rows · Wᵀ) at the ids, and its gradients, by the formulas of
/// <c>GradientRules.TokenLogProbs</c>; the sum over the vocabulary is kept as its logarithm and grows from part to part (online softmax,
/// arXiv:1805.02867).
/// </summary>
/// <param name="hidden">H.</param>
/// <param name="stored">The type of the weights.</param>
/// <param name="softCap">c of logits c · tanh(product / c); null: none.</param>
sealed class VocabularyGraphs(int hidden, DataType stored, double? softCap)
{
    public const string Rows = "rows", Weight = "weight", Ids = "ids", First = "first", End = "end", Logits = "logits";

    /// <summary><c>[M]</c>: the logarithm of the sum of exponentials over the parts so far; before the first −1e30.</summary>
    public const string LogSum = "log_sum";

    /// <summary><c>[M]</c>: the logit of the row's token, once its part was met.</summary>
    public const string Target = "target";

    /// <summary><c>[M]</c>: the largest logit of the parts so far; before the first −∞.</summary>
    public const string Largest = "largest";

    /// <summary><c>[M]</c>: the incoming gradient of each log-probability.</summary>
    public const string Slopes = "slopes";

    /// <summary>
    /// <c>[M, H]</c>: W[id] − P W, which adds up in place over the parts: the gradient of the rows for slopes of 1.
    /// </summary>
    public const string Pull = "pull";

    /// <summary><c>[M, H]</c>: slopes · rows.</summary>
    public const string Scaled = "scaled_rows";

    /// <summary><c>[M, H]</c>: with a soft cap: <see cref="Scaled"/> times its slope, which the gradient of the ids' lines gets.</summary>
    public const string Own = "own_rows";

    /// <summary><c>[P, H]</c>: the gradient of the part's lines, which adds up in place.</summary>
    public const string WeightGradient = "weight_grad";

    public const string RowsGradient = "rows_grad";

    /// <summary>An output whose memory is the input's of the same name without the suffix.</summary>
    public const string Out = "_out";

    /// <summary>The part's logits alone.</summary>
    public OnnxGraph LogitsOf()
    {
        var b = new GraphBuilder("vocabulary_logits");
        return b.Build([(Logits, Product(b, out _))]);
    }

    /// <summary>The part's share of <see cref="LogSum"/> and <see cref="Target"/>.</summary>
    /// <param name="keep">
    /// Hand out the logits for <see cref="Backward"/>, or add the part's share of <see cref="Pull"/>: as the sum grows, what was added so
    /// far is scaled down to it. Or of <see cref="Largest"/>.
    /// </param>
    public OnnxGraph Forward(VocabularyKeep keep)
    {
        var b = new GraphBuilder("vocabulary_forward");
        var logits = Product(b, out var weight);
        var ids = b.Input(Ids, DataType.Int64, new Shape("M"));
        var first = b.Input(First, DataType.Int64, Shape.Scalar);
        var end = b.Input(End, DataType.Int64, Shape.Scalar);
        var sum = b.Input(LogSum, DataType.Float32, new Shape("M"));
        var target = b.Input(Target, DataType.Float32, new Shape("M"));

        // By the largest logit and the largest log-probability, which is small: no digits are lost.
        var most = b.Squeeze(b.Add("ReduceMax", [logits, b.Int64s(1)]), 1);
        var logp = b.Squeeze(b.Add("ReduceMax", [b.LogSoftmax(logits), b.Int64s(1)]), 1);
        var part = b.Sub(most, logp);
        var (larger, smaller) = (b.Add("Max", [sum, part]), b.Add("Min", [sum, part]));
        var total = b.Add(larger, b.Log(b.Add(b.Scalar(1, DataType.Float32), b.Exp(b.Sub(smaller, larger)))));

        var isHere = b.Add("And", [b.Add("GreaterOrEqual", [ids, first]), b.Add("Less", [ids, end])]);
        var found = b.GatherElements(logits, b.Unsqueeze(b.Where(isHere, b.Sub(ids, first), b.Int64(0)), 1), axis: 1);
        var outputs = new List<(string, Value)>
        {
            (LogSum + Out, total), (Target + Out, b.Where(isHere, b.Squeeze(found, 1), target)),
        };
        if (keep == VocabularyKeep.Logits)
        {
            outputs.Add((Logits, logits));
        }
        else if (keep == VocabularyKeep.RowsGradient)
        {
            var before = b.Mul(b.Input(Pull, DataType.Float32, new Shape("M", hidden)), b.Unsqueeze(b.Exp(b.Sub(sum, total)), 1));
            outputs.Add((Pull + Out, b.Gemm(Probabilities(b, logits, total), weight, before, alpha: -1)));
        }
        else if (keep == VocabularyKeep.Largest)
        {
            outputs.Add((Largest + Out, b.Add("Max", [b.Input(Largest, DataType.Float32, new Shape("M")), most])));
        }

        return b.Build(outputs);
    }

    /// <summary>
    /// Adds to <see cref="Pull"/>, once all parts are in it, the lines of the ids: the gradient of the rows for slopes of 1.
    /// </summary>
    /// <param name="vocabulary">V: all lines are an input here, of which the ids' are gathered.</param>
    public OnnxGraph Complete(int vocabulary)
    {
        var b = new GraphBuilder("vocabulary_complete");
        var pull = b.Input(Pull, DataType.Float32, new Shape("M", hidden));
        return b.Build([(Pull + Out, b.Add(pull, OwnLines(b, vocabulary, out _)))]);
    }

    /// <summary>What begins the gradient of the rows, and what the parts' gradients are products with.</summary>
    /// <param name="vocabulary">V: all lines are an input here, of which the ids' are gathered.</param>
    public OnnxGraph Targets(int vocabulary)
    {
        var b = new GraphBuilder("vocabulary_targets");
        var lines = OwnLines(b, vocabulary, out var slope);
        var rows = b.Input(Rows, DataType.Float32, new Shape("M", hidden));
        var slopes = b.Input(Slopes, DataType.Float32, new Shape("M"));
        var scaled = b.Mul(b.Unsqueeze(slopes, 1), rows);
        return slope is null
            ? b.Build([(Pull, lines), (Scaled, scaled)])
            : b.Build([(Pull, lines), (Scaled, scaled), (Own, b.Mul(slope, scaled))]);
    }

    /// <summary>The part's share of <see cref="Pull"/>, and the gradient of its lines.</summary>
    /// <param name="kept">The logits are an input; else they are made again.</param>
    /// <param name="trains">The weights have a gradient.</param>
    public OnnxGraph Backward(bool kept, bool trains)
    {
        var b = new GraphBuilder("vocabulary_backward");
        Value weight;
        var logits = kept ? b.Input(Logits, DataType.Float32, new Shape("M", "P")) : null;
        if (logits is null)
        {
            logits = Product(b, out weight);
        }
        else
        {
            weight = Widened(b);
        }

        var sum = b.Input(LogSum, DataType.Float32, new Shape("M"));
        var pull = b.Input(Pull, DataType.Float32, new Shape("M", hidden));
        var probabilities = Probabilities(b, logits, sum);
        var outputs = new List<(string, Value)> { (Pull + Out, b.Gemm(probabilities, weight, pull, alpha: -1)) };
        if (trains)
        {
            var scaled = b.Input(Scaled, DataType.Float32, new Shape("M", hidden));
            var gradient = b.Input(WeightGradient, DataType.Float32, new Shape("P", hidden));
            outputs.Add((WeightGradient + Out, b.Gemm(probabilities, scaled, gradient, transA: true, alpha: -1)));
        }

        return b.Build(outputs);
    }

    /// <summary>slopes · (W[ids] − P W), the gradient of the rows.</summary>
    public OnnxGraph Finish()
    {
        var b = new GraphBuilder("vocabulary_finish");
        var pull = b.Input(Pull, DataType.Float32, new Shape("M", hidden));
        var slopes = b.Input(Slopes, DataType.Float32, new Shape("M"));
        return b.Build([(RowsGradient, b.Mul(b.Unsqueeze(slopes, 1), pull))]);
    }

    // The lines of the ids, by the slope of their logits' soft cap; null: 1.
    Value OwnLines(GraphBuilder b, int vocabulary, out Value? slope)
    {
        var weight = b.Input(Weight, stored, new Shape(vocabulary, hidden));
        var lines = b.Cast(b.Gather(weight, b.Input(Ids, DataType.Int64, new Shape("M"))), DataType.Float32);
        slope = softCap is { } cap
            ? b.Unsqueeze(b.SoftCapSlope(b.Input(Target, DataType.Float32, new Shape("M")), cap), 1)
            : null;
        return slope is null ? lines : b.Mul(slope, lines);
    }

    // By the slope of the logits' soft cap, which the gradient of any product goes through.
    Value Probabilities(GraphBuilder b, Value logits, Value logSum)
    {
        var probabilities = b.Exp(b.Sub(logits, b.Unsqueeze(logSum, 1)));
        return softCap is { } cap ? b.Mul(probabilities, b.SoftCapSlope(logits, cap)) : probabilities;
    }

    Value Product(GraphBuilder b, out Value weight)
    {
        var rows = b.Input(Rows, DataType.Float32, new Shape("M", hidden));
        weight = Widened(b);
        var product = b.Linear(rows, weight);
        return softCap is { } cap ? b.SoftCap(product, cap) : product;
    }

    Value Widened(GraphBuilder b) =>
        b.Cast(b.Input(Weight, stored, new Shape("P", hidden)), DataType.Float32);
}
