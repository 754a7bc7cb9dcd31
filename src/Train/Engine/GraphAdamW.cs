using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Training;

namespace OrtDpo.Train.Engine;

/// <summary>
/// <see cref="AdamW"/> as graphs, for state that lies on a device: slices of each parameter are written in place, so that what the graphs
/// need beside the state does not grow with a parameter. The squares of the gradients come to the host, one number for each slice.
/// </summary>
/// <param name="parameters">What trains.</param>
/// <param name="pool">Where the state lies.</param>
sealed class GraphAdamW(IReadOnlyList<TrainedParameter> parameters, MemoryPool pool) : IOptimizer
{
    // 32 MiB of each operand: enough for a launch to be worth its while.
    const long Slice = 8 << 20;

    const string Weight = "weight", Gradient = "gradient", First = "exp_avg", Second = "exp_avg_sq", Squares = "squares", Copy = "copy";
    const string Out = "_out", Decay = "decay", VectorDecay = "vector_decay";

    // In the order in which they lie in one tensor.
    static readonly string[] Scalars =
        ["clip", "beta1", "rest1", "beta2", "rest2", "epsilon", "root_correction", "step_size", Decay, VectorDecay];

    readonly GraphSession squares = new(SquaresGraph(), MemoryPurpose.Moments);
    readonly Dictionary<DataType, GraphSession> updates = parameters.Select(CopyType).Distinct()
        .ToDictionary(type => type, type => new GraphSession(UpdateGraph(type), MemoryPurpose.Moments));
    readonly List<(TrainedParameter Parameter, long Start, long Length)> slices =
    [
        .. parameters.SelectMany(p => Slices.Of(p.Weight.Elements, Slice).Select(slice => (p, slice.Start, slice.Length))),
    ];

    public OptimizerResult Apply(OptimizerStep step)
    {
        var norm = GlobalNorm();
        if (double.IsFinite(norm))
        {
            Update(step, step.MaxGradNorm > 0 ? Math.Min(1, step.MaxGradNorm / (norm + 1e-6)) : 1);
        }

        foreach (var parameter in parameters)
        {
            parameter.Gradient.Clear();
        }

        return new OptimizerResult(norm, Applied: double.IsFinite(norm));
    }

    public void Dispose()
    {
        squares.Dispose();
        foreach (var update in updates.Values)
        {
            update.Dispose();
        }
    }

    double GlobalNorm()
    {
        using var sums = DeviceTensor.Rent(pool, DataType.Float32, slices.Count);
        foreach (var (i, (parameter, start, length)) in slices.Index())
        {
            using var gradient = parameter.Gradient.Flat(start, length);
            using var sum = sums.Flat(i, 1);
            squares.Run(Tensors((Gradient, gradient)), pool, Tensors((Squares, sum)));
        }

        return Math.Sqrt(sums.ToArray<float>().Sum(square => (double)square));
    }

    void Update(OptimizerStep step, double clip)
    {
        using var numbers = DeviceTensor.From<float>(
            pool, DataType.Float32,
            [
                (float)clip, step.Beta1, 1 - step.Beta1, step.Beta2, 1 - step.Beta2, step.Epsilon,
                (float)(1 / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Number))),
                (float)(step.LearningRate / (1 - Math.Pow(step.Beta1, step.Number))),
                step.DecayOf(isVector: false),
                step.DecayOf(isVector: true),
            ],
            Scalars.Length);
        var scalars = Scalars.Index().ToDictionary(s => s.Item, s => numbers.Flat(s.Index, 1), StringComparer.Ordinal);
        var common = scalars.Where(s => s.Key is not (Decay or VectorDecay)).ToList();
        foreach (var (parameter, start, length) in slices)
        {
            using var weight = parameter.Weight.Flat(start, length);
            using var gradient = parameter.Gradient.Flat(start, length);
            using var first = parameter.FirstMoment.Values.Flat(start, length);
            using var second = parameter.SecondMoment.Values.Flat(start, length);
            var inputs = Tensors(
                (Weight, weight), (Gradient, gradient), (First, first), (Second, second),
                (Decay, scalars[parameter.IsVector ? VectorDecay : Decay]));
            // One tensor as input and output: each is read by one node, which stands before the one that writes it.
            var bound = Tensors((Weight + Out, weight), (First + Out, first), (Second + Out, second));
            using var copy = parameter.Copy?.Flat(start, length);
            if (copy is not null)
            {
                bound.Add(Copy, copy);
            }

            updates[CopyType(parameter)].Run(inputs.Concat(common).ToDictionary(StringComparer.Ordinal), pool, bound);
        }

        scalars.DisposeAll();
    }

    static OnnxGraph SquaresGraph()
    {
        var b = new GraphBuilder("squares");
        var gradient = b.Input(Gradient, DataType.Float32, new Shape("N"));
        return b.Build([(Squares, b.ReduceSum(b.Mul(gradient, gradient), keepDims: true, 0))]);
    }

    static DataType CopyType(TrainedParameter parameter) => parameter.Copy?.Type ?? DataType.Float32;

    // With a copy of the new weight where graphs read it in another type.
    static OnnxGraph UpdateGraph(DataType copy)
    {
        var b = new GraphBuilder("adamw");
        var (weight, gradient, first, second) = (Vector(Weight), Vector(Gradient), Vector(First), Vector(Second));
        var g = b.Mul(gradient, Scalar("clip"));
        var m = b.Add(b.Mul(first, Scalar("beta1")), b.Mul(g, Scalar("rest1")));
        var v = b.Add(b.Mul(second, Scalar("beta2")), b.Mul(b.Mul(g, g), Scalar("rest2")));
        var denominator = b.Add(b.Mul(b.Sqrt(v), Scalar("root_correction")), Scalar("epsilon"));
        var step = b.Div(b.Mul(m, Scalar("step_size")), denominator);
        var updated = b.Sub(b.Mul(weight, Scalar(Decay)), step);
        var outputs = new List<(string, Value)> { (Weight + Out, updated), (First + Out, m), (Second + Out, v) };
        if (copy != DataType.Float32)
        {
            outputs.Add((Copy, b.Cast(updated, copy)));
        }

        return b.Build(outputs);

        Value Vector(string name) => b.Input(name, DataType.Float32, new Shape("N"));

        Value Scalar(string name) => b.Input(name, DataType.Float32, new Shape(1));
    }

    static Dictionary<string, DeviceTensor> Tensors(params (string Name, DeviceTensor Tensor)[] tensors) =>
        tensors.ToDictionary(t => t.Name, t => t.Tensor, StringComparer.Ordinal);
}
