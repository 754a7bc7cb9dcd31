using System.Collections.Frozen;
using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Precision;

/// <summary>
/// Which operators a provider of ONNX Runtime has kernels for, in which types: so that a graph that cannot run on a device is refused where
/// it is built, on any machine.
/// </summary>
public sealed class KernelTable
{
    const string Resource = "OrtDpo.Autodiff.Precision.cuda-kernels.tsv";

    static readonly FrozenDictionary<string, DataType> Types = new Dictionary<string, DataType>
    {
        ["bfloat16"] = DataType.BFloat16, ["bool"] = DataType.Bool, ["double"] = DataType.Float64, ["float"] = DataType.Float32,
        ["float16"] = DataType.Float16, ["int32"] = DataType.Int32, ["int64"] = DataType.Int64, ["int8"] = DataType.Int8,
        ["uint8"] = DataType.UInt8,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly Lazy<KernelTable> ShippedCuda = new(ReadResource);

    readonly string provider;
    readonly Dictionary<string, FrozenSet<DataType>> kernels;

    KernelTable(string provider, Dictionary<string, FrozenSet<DataType>> kernels)
    {
        this.provider = provider;
        this.kernels = kernels;
    }

    /// <summary>The CUDA provider of the ONNX Runtime that programs ship with.</summary>
    public static KernelTable Cuda => ShippedCuda.Value;

    /// <summary>Reads a table.</summary>
    /// <param name="provider">The provider's name in messages.</param>
    /// <param name="lines">
    /// <c>domain, operator, types</c>, separated by tabs, types by spaces; the domain is <c>ai.onnx</c> or <c>com.microsoft</c>; brackets
    /// after an operator hold an attribute, as in <c>ScatterND(add)</c>; lines that begin with # say something else.
    /// </param>
    /// <exception cref="InvalidDataException">A line is none of these.</exception>
    public static KernelTable Parse(string provider, IEnumerable<string> lines)
    {
        var kernels = new Dictionary<string, FrozenSet<DataType>>(StringComparer.Ordinal);
        foreach (var (index, line) in lines.Index())
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line.Split('\t') is not [var domain, var op, var types])
            {
                throw new InvalidDataException(
                    $"Kernel table, line {index + 1}: '{line}'; expected domain, operator and types between tabs.");
            }

            var read = types.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => Types.TryGetValue(name, out var type)
                ? type
                : throw new InvalidDataException($"Kernel table, line {index + 1}: type '{name}' is not known; known are {TypeNames()}."));
            if (!kernels.TryAdd(domain == "ai.onnx" ? op : $"{domain}.{op}", read.ToFrozenSet()))
            {
                throw new InvalidDataException($"Kernel table, line {index + 1}: operator '{op}' stands there twice.");
            }
        }

        return new KernelTable(provider, kernels);
    }

    /// <summary>Whether there is a kernel; operators as in the table, <c>com.microsoft.</c> before those of that domain.</summary>
    public bool Has(string op, DataType type) => kernels.TryGetValue(op, out var types) && types.Contains(type);

    /// <summary>Whether the table says anything of an operator.</summary>
    public bool Knows(string op) => kernels.ContainsKey(op);

    /// <summary>
    /// Refuses a graph with a node that the provider has no kernel for. What is made of sizes is not asked for: the host computes it.
    /// </summary>
    /// <param name="graph">A lowered graph.</param>
    /// <exception cref="NotSupportedException">A node has no kernel in its type.</exception>
    public void Require(OnnxGraph graph)
    {
        // Integers that are made of nothing but sizes and constants.
        var onHost = graph.Constants.Keys.ToHashSet();
        foreach (var node in graph.Nodes)
        {
            var isOfSizes = node.Op != "Range" && node.Inputs.All(v => v is null || onHost.Contains(v));
            if ((isOfSizes && node.Output.Type == DataType.Int64) || node.Op.Type is "Shape" or "Size")
            {
                onHost.UnionWith(node.Outputs.OfType<Value>());
                continue;
            }

            if (node.Op.Type is "ReduceMean" or "ReduceSumSquare" && !ReducesAnEnd(graph, node))
            {
                throw new NotSupportedException($"Graph '{graph.Name}', node '{node.Name}' ({node.Op}): the {provider} reduces other axes "
                    + "than the first or the last ones with cuDNN only, which is not asked for. Transpose before it.");
            }

            var op = Name(node);
            foreach (var type in TypesOf(node))
            {
                if (!Has(op, type))
                {
                    throw new NotSupportedException(Refusal(graph, node, op, type));
                }
            }
        }
    }

    static string Name(Node node) =>
        node.Attributes.String("reduction") is { } reduction and not "none" ? $"{node.Op}({reduction})"
        : node.Op.Type == "MatMulBnb4" && node.Attributes.Int("transB", 1) == 0 ? $"{node.Op}(transB=0)"
        : node.Op.ToString();

    string Refusal(OnnxGraph graph, Node node, string op, DataType type)
    {
        var what = $"Graph '{graph.Name}', node '{node.Name}': the {provider} has no kernel for {op}";
        return kernels.TryGetValue(op, out var types) && types.Count > 0
            ? $"{what} in {NameOf(type)}, only in {string.Join(", ", types.Select(NameOf).Order(StringComparer.Ordinal))}. "
                + $"Give {node.Op} another rule in PrecisionRules, or compute on the CPU."
            : $"{what}. Write it with other operators, or compute on the CPU.";
    }

    // What kernels are chosen by: the operand that the rest follows. A Cast has a type on each side.
    static IEnumerable<DataType> TypesOf(Node node) => node.Op.Type switch
    {
        "Cast" => [node.Input(0).Type, node.Output.Type],
        "ConstantOfShape" => [node.Output.Type],
        "Where" => [node.Input(1).Type],
        _ => [node.Input(0).Type],
    };

    // The provider's own kernels of means and squares take a matrix, of which they reduce rows or columns; ReduceSum has another one.
    static bool ReducesAnEnd(OnnxGraph graph, Node node)
    {
        var rank = node.Input(0).Shape.Rank;
        var constant = node.Inputs.Length > 1 ? graph.Constants.GetValueOrDefault(node.Input(1))?.Int64s ?? [] : [];
        var axes = ReducedAxes.Of(node.Input(0).Shape, constant, node.Attributes);
        var ends = Enumerable.Range(0, axes.Length).ToArray();
        return axes.SequenceEqual(ends) || axes.SequenceEqual(ends.Select(i => rank - axes.Length + i));
    }

    static string NameOf(DataType type) => Types.FirstOrDefault(t => t.Value == type).Key ?? type.ToString();

    static string TypeNames() => string.Join(", ", Types.Keys.Order(StringComparer.Ordinal));

    static KernelTable ReadResource()
    {
        using var stream = typeof(KernelTable).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        return Parse("CUDA provider", reader.ReadToEnd().Split('\n').Select(line => line.TrimEnd('\r')));
    }
}
