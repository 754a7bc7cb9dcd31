using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;

namespace OrtDpo.Testing.Running;

/// <summary>A graph being written, together with numbers for its inputs, drawn from a seed.</summary>
public sealed class TestGraph(DataType type, int seed)
{
    readonly Random random = new(seed);
    readonly Dictionary<string, Tensor> feeds = [];
    readonly List<Value> reals = [];
    readonly Dictionary<string, long> sizes = new(Sizes);

    /// <summary>Sizes of the symbols that test graphs use.</summary>
    public static IReadOnlyDictionary<string, long> Sizes { get; } = new Dictionary<string, long> { ["B"] = 2, ["S"] = 3, ["M"] = 4 };

    public GraphBuilder B { get; } = new("test");

    public DataType Type => type;

    public IReadOnlyDictionary<string, Tensor> Feeds => feeds;

    /// <summary>The inputs with gradients.</summary>
    public IReadOnlyList<Value> Reals => reals;

    /// <summary>An input with a gradient, numbers in [−1.5, 1.5).</summary>
    public Value Real(string name, params Dim[] shape) => Wanted(Input(name, new Shape(shape), -1.5, 1.5));

    /// <summary>An input with a gradient, numbers in [0.5, 2).</summary>
    public Value Positive(string name, params Dim[] shape) => Wanted(Input(name, new Shape(shape), 0.5, 2));

    /// <summary>An input of the graph's type without a gradient, numbers in [−1, 1).</summary>
    public Value Given(string name, params Dim[] shape) => Input(name, new Shape(shape), -1, 1);

    /// <summary>An input of the shape of <paramref name="value"/> without a gradient, numbers in [−1, 1).</summary>
    public Value Like(string name, Value value) => Input(name, value.Shape, -1, 1);

    /// <summary>An int64 input, numbers in [0, limit).</summary>
    public Value Ids(string name, long limit, params Dim[] shape)
    {
        var sizes = new Shape(shape).Evaluate(Sizes);
        feeds.Add(name, new Tensor(DataType.Int64, sizes, Draw(sizes, 0, limit).Select(v => (long)v).ToArray()));
        return B.Input(name, DataType.Int64, new Shape(shape));
    }

    /// <summary>A bool input.</summary>
    public Value Flags(string name, params Dim[] shape)
    {
        var sizes = new Shape(shape).Evaluate(Sizes);
        feeds.Add(name, new Tensor(DataType.Bool, sizes, Draw(sizes, -1, 1).Select(v => v > 0).ToArray()));
        return B.Input(name, DataType.Bool, new Shape(shape));
    }

    /// <summary>
    /// Runs what is written so far, and remembers the sizes of symbols that <paramref name="value"/> has and nobody declared.
    /// </summary>
    public void Measure(Value value)
    {
        if (value.Shape.Any(dim => dim.Symbol is { } symbol && !sizes.ContainsKey(symbol)))
        {
            var result = GraphRunner.Run(B.Build([("measured", value)]).Lower(LoweringKind.Primitive), feeds)["measured"];
            Learn(sizes, value.Shape, result.Sizes);
        }
    }

    /// <summary>Adds symbols of <paramref name="shape"/> that are not among <paramref name="sizes"/> with their actual sizes.</summary>
    public static void Learn(Dictionary<string, long> sizes, Shape shape, long[] actual)
    {
        foreach (var (dim, size) in shape.Zip(actual))
        {
            if (dim.Symbol is { } symbol)
            {
                sizes.TryAdd(symbol, size);
            }
        }
    }

    /// <summary>Standard uniform numbers in the sizes of <paramref name="value"/>.</summary>
    public Tensor Direction(Value value)
    {
        var sizes = value.Shape.Evaluate(this.sizes);
        return Tensor.Of(type, sizes, Draw(sizes, -1, 1));
    }

    Value Input(string name, Shape shape, double low, double high)
    {
        var sizes = shape.Evaluate(this.sizes);
        feeds.Add(name, Tensor.Of(type, sizes, Draw(sizes, low, high)));
        return B.Input(name, type, shape);
    }

    Value Wanted(Value value)
    {
        reals.Add(value);
        return value;
    }

    List<double> Draw(long[] sizes, double low, double high)
    {
        var count = sizes.Aggregate(1L, (n, size) => n * size);
        return [.. Enumerable.Range(0, (int)count).Select(_ => low + ((high - low) * random.NextDouble()))];
    }
}
