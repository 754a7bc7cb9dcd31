using OrtDpo.Autodiff.Building;

namespace OrtDpo.Objectives;

/// <summary>
/// What losses are written with: the graph's inputs, each declared when it is first asked for, and the forms of the logistic function.
/// </summary>
abstract class LossTerms(GraphBuilder b, DataType type, Dim completions, ObjectiveOptions options)
{
    readonly Dictionary<string, Value> inputs = new(StringComparer.Ordinal);

    public GraphBuilder B => b;

    /// <summary>Sums over completion tokens, nats: <c>[R]</c>.</summary>
    public Value Logps => Input(LossPorts.Logps, new Shape(completions));

    /// <summary>
    /// Completion tokens, the end of sequence included: <c>[R]</c>. At least 1, so that the mean of an empty completion is 0 and not NaN.
    /// </summary>
    public Value Lengths => field ??= b.Add("Max", [Input(LossPorts.Lengths, new Shape(completions)), Number(1)]);

    public Value Beta => Scalar("beta");

    /// <summary>ε; null where it is not given.</summary>
    public Value? LabelSmoothing => options.LabelSmoothing is null ? null : Scalar("label_smoothing");

    /// <summary>1 / rows (or pairs) of the optimizer step.</summary>
    public Value LossScale => Scalar(LossPorts.LossScale);

    /// <summary>1 / imitated tokens of the optimizer step.</summary>
    public Value TokenScale => Scalar(LossPorts.TokenScale);

    public Value Scalar(string name) => Input(name, Shape.Scalar);

    public Value Number(double value) => b.Scalar(value, type);

    /// <summary>−log σ(z) = softplus(−z): the logarithm of the sigmoid overflows for z &lt; −88 in float32.</summary>
    public Value NegLogSigmoid(Value z) => b.Softplus(b.Neg(z));

    /// <summary>
    /// σ(z) = exp(−softplus(−z)): exactly 0 far below zero, where fast sigmoids keep 1e-8, which times a large factor is no longer small.
    /// </summary>
    public Value Probability(Value z) => b.Exp(b.Neg(NegLogSigmoid(z)));

    /// <summary>e^min(x, 80): finite in float32, without gradient above.</summary>
    public Value BoundedExp(Value x) => b.Exp(b.Where(b.Add("LessOrEqual", [x, Number(80)]), x, Number(80)));

    public Value Square(Value x) => b.Mul(x, x);

    /// <summary>−(1 − ε) log σ(z) − ε log σ(−z), the loss under labels that are flipped with probability ε.</summary>
    public Value Smoothed(Value z) => LabelSmoothing is { } epsilon
        ? b.Add(b.Mul(b.Sub(Number(1), epsilon), NegLogSigmoid(z)), b.Mul(epsilon, b.Softplus(z)))
        : NegLogSigmoid(z);

    protected Value Input(string name, Shape shape)
    {
        if (!inputs.TryGetValue(name, out var value))
        {
            inputs.Add(name, value = b.Input(name, type, shape));
        }

        return value;
    }
}
