using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.Models.Import;

/// <summary>
/// Reads the graph of an ONNX file into a builder: only what its logits need, in ONNX's order, one conversion of <see cref="Operators"/>
/// per node. Shapes are followed as contents, so that what exporters compute at run time is known here.
/// </summary>
sealed class GraphImport
{
    readonly Dictionary<string, Operand> names = new(StringComparer.Ordinal);

    /// <param name="file">The model.</param>
    /// <param name="weights">Initializers that become inputs; the others become constants.</param>
    public GraphImport(OnnxFile file, IEnumerable<string> weights)
    {
        File = file;
        Builder = new GraphBuilder("foreign");
        var inputs = ModelInputs.Declare(file, Builder);
        Sizes = inputs.Sizes;
        foreach (var (name, operand) in inputs.Operands)
        {
            names.Add(name, operand);
        }

        foreach (var name in weights)
        {
            var tensor = file.Initializers[name];
            names[name] = Builder.Input(name, DataType.Float32, new Shape(tensor.Dims.Select(d => (Dim)d)));
        }
    }

    public OnnxFile File { get; }

    public string Path => File.Path;

    public int Opset => File.Opset;

    public GraphBuilder Builder { get; }

    public SizeSources Sizes { get; }

    /// <summary>The longest sequence that tables in the graph allow; null where none bounds it.</summary>
    public long? Positions { get; private set; }

    /// <summary>Reads what output <paramref name="name"/> needs.</summary>
    public Value Read(string name)
    {
        Run(File.Graph, [name]);
        return (Find(name) ?? throw NotMade(name)).In(Builder, Sizes);
    }

    /// <summary>Notes that a table of <paramref name="longest"/> lines is read up to <paramref name="size"/>.</summary>
    public void Bound(Dim size, long longest)
    {
        if (size.Symbol == ModelInputs.Sequence)
        {
            Positions = Math.Min(Positions ?? longest, longest);
        }
    }

    /// <summary>The outputs of a branch, which sees the names around it.</summary>
    public Operand[] Inline(GraphProto branch)
    {
        foreach (var initializer in branch.Initializer)
        {
            names[initializer.Name] = Constant(initializer);
        }

        Run(branch, [.. branch.Output.Select(o => o.Name)]);
        return [.. branch.Output.Select(o => Find(o.Name) ?? throw NotMade(o.Name))];
    }

    public Operand Constant(TensorProto tensor)
    {
        var data = File.Read(tensor);
        var (type, elements) = data.Elements();
        return Known.Of(type, data.Shape, elements) is { } known
            ? known
            : Builder.Constant(elements, type, new Shape(data.Shape.Select(n => (Dim)n)));
    }

    /// <summary><paramref name="x"/> in another shape, also one with several open sizes.</summary>
    public Value Reshape(Value x, Shape target) => x.Shape.Equals(target) ? x
        : GraphBuilder.CanReshape(x, target) ? Builder.Reshape(x, target)
        : Builder.Add("Reshape", [x, Sizes.Vector(Builder, [.. target])]);

    public Value Expand(Value x, Shape target) => x.Shape.Equals(target) ? x : Builder.Expand(x, target.All(d => d.Value is not null)
        ? Builder.Int64s([.. target.Select(d => d.Value!.Value)])
        : Sizes.Vector(Builder, [.. target]));

    void Run(GraphProto graph, IReadOnlyCollection<string> outputs)
    {
        foreach (var node in Needed(graph, outputs))
        {
            var op = new Op(node.Domain is "ai.onnx" ? Op.Onnx : node.Domain, node.OpType);
            var operands = node.Input.Select(n => n.Length == 0 ? null : Find(n) ?? throw new InvalidDataException(
                $"{Path}, node '{node.Name}' ({op}): nothing before it makes its input '{n}'. Export or fetch the model again.")).ToArray();
            var context = new ImportContext(this, node, operands);
            if (!Operators.Table.TryGetValue(op, out var convert))
            {
                throw context.Refused($"this operator is not read. Supported are {Operators.Supported}");
            }

            foreach (var (output, result) in node.Output.Zip(Converted(context, convert)))
            {
                names[output] = result;
            }
        }
    }

    /// <summary>
    /// What a conversion makes of its node. That the file's shapes do not fit together is the file's fault; whatever else fails is ours.
    /// </summary>
    /// <exception cref="InvalidDataException">The builder's checks say that the operands do not fit.</exception>
    internal static Operand[] Converted(ImportContext context, Func<ImportContext, Operand[]> convert)
    {
        if (context.Attributes.Repeated is { } name)
        {
            throw context.Damaged($"attribute '{name}' is given twice");
        }

        using var scope = context.B.Scope(context.Node.Name.Trim('/'));
        try
        {
            return convert(context);
        }
        catch (ShapeException e)
        {
            throw context.Damaged($"it does not fit its inputs: {e.Message}");
        }
    }

    Operand? Find(string name)
    {
        if (!names.TryGetValue(name, out var operand) && File.Initializers.TryGetValue(name, out var initializer))
        {
            names[name] = operand = Constant(initializer);
        }

        return operand;
    }

    InvalidDataException NotMade(string output) => new($"{Path}: no node makes output '{output}'. Export or fetch the model again.");

    // Backwards over the nodes, which ONNX keeps in an order in which they can run; a branch needs what it reads from around it.
    static List<NodeProto> Needed(GraphProto graph, IEnumerable<string> outputs)
    {
        var wanted = outputs.ToHashSet(StringComparer.Ordinal);
        var needed = new List<NodeProto>();
        foreach (var node in graph.Node.Reverse())
        {
            if (node.Output.Any(wanted.Contains))
            {
                needed.Add(node);
                wanted.UnionWith(Reads(node));
            }
        }

        needed.Reverse();
        return needed;
    }

    static IEnumerable<string> Reads(NodeProto node)
    {
        var branches = node.Attribute.Select(a => a.G).Where(g => g is not null);
        return node.Input.Concat(branches.SelectMany(g => g.Node.SelectMany(Reads).Concat(g.Output.Select(o => o.Name))));
    }
}
