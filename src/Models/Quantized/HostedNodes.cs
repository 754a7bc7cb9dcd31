using OrtDpo.Models.Import;
using OrtDpo.Quantization;

namespace OrtDpo.Models.Quantized;

/// <summary>The <c>MatMulNBits</c> nodes of a file, by their places.</summary>
sealed class HostedNodes
{
    readonly OnnxFile file;
    readonly Dictionary<LinearPlace, HostedNode> placed = [];
    readonly HashSet<LinearPlace> taken = [];

    HostedNodes(OnnxFile file, IReadOnlyList<HostedNode> all, int vocabulary)
    {
        this.file = file;
        All = all;
        foreach (var node in all.Where(n => n.Place is not null))
        {
            if (!placed.TryAdd(node.Place!.Value, node))
            {
                throw new InvalidDataException($"{node.Where} is of layer {node.Place.Value.Layer}, {node.Place.Value.Module}, and so is "
                    + $"'{placed[node.Place.Value].Name}'. Expected one node for every matrix: export the language model alone.");
            }
        }

        Heads = [.. all.Where(n => n.Place is null && n.Rows == vocabulary)];
    }

    /// <summary>All of them, in the file's order.</summary>
    public IReadOnlyList<HostedNode> All { get; }

    /// <summary>Those that make logits.</summary>
    public IReadOnlyList<HostedNode> Heads { get; }

    /// <summary>The nodes of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="vocabulary">Tokens of the model: the outputs of its head.</param>
    /// <exception cref="InvalidDataException">Two are of the same place.</exception>
    /// <exception cref="NotSupportedException">There are none.</exception>
    public static HostedNodes Of(OnnxFile file, int vocabulary)
    {
        var nodes = file.Graph.Node.Where(n => n is { OpType: HostedNode.OpType, Domain: "com.microsoft" }).ToList();
        return nodes.Count > 0
            ? new HostedNodes(file, [.. nodes.Select(n => new HostedNode(file, n))], vocabulary)
            : throw new NotSupportedException($"{file.Path} has no node com.microsoft.{HostedNode.OpType}"
                + (file.Graph.Node.FirstOrDefault(n => n.OpType == "DequantizeLinear") is { } dequantize
                    ? $"; it holds quantized numbers for DequantizeLinear, '{dequantize.Name}' the first. Export in QOperator format "
                        + "(use_qdq=false)."
                    : ": its matrices are not in int4, or in another operator's form. Export in int4 (GenAI's model builder: -p int4)."));
    }

    /// <summary>The matrix of a weight: a node's, rows of one, or the rows of several.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="weights">All of the model's, whose rows a fused matrix may have too.</param>
    public QuantizedMatrix Take(LinearWeight weight, IReadOnlyList<LinearWeight> weights)
    {
        var (layer, module) = weight.Place;
        if (Has(module))
        {
            return Checked(Node(module), weight.Rows, weight.Columns, $"'{weight.Name}'").Matrix;
        }

        foreach (var (whole, parts) in LinearPlace.Fusions)
        {
            if (parts.Contains(module) && Has(whole))
            {
                return Cut(Node(whole), weight, [.. parts.Select(p => weights.First(w => w.Place == new LinearPlace(layer, p)))]);
            }

            if (module == whole && parts.All(Has))
            {
                return Join([.. parts.Select(Node)], weight);
            }
        }

        throw Missing(weight);

        bool Has(string name) => placed.ContainsKey(new(layer, name));

        HostedNode Node(string name)
        {
            taken.Add(new(layer, name));
            return placed[new(layer, name)];
        }
    }

    /// <summary>Refuses a file with nodes beside those that were taken, and the head.</summary>
    /// <exception cref="InvalidDataException">There are some.</exception>
    public void RequireAllTaken()
    {
        if (All.FirstOrDefault(n => n.Place is { } place ? !taken.Contains(place) : !Heads.Contains(n)) is { } other)
        {
            throw new InvalidDataException($"{other.Where} [{other.Rows}, {other.Columns}] is of no weight that the model has: the file is "
                + "of another model. Give the model that it was exported from.");
        }
    }

    static QuantizedMatrix Cut(HostedNode node, LinearWeight weight, IReadOnlyList<LinearWeight> parts)
    {
        Checked(node, parts.Sum(p => p.Rows), weight.Columns, string.Join(", ", parts.Select(p => $"'{p.Name}'")));
        return QuantizedRows.Cut(node.Matrix, parts.TakeWhile(p => p != weight).Sum(p => p.Rows), weight.Rows);
    }

    static QuantizedMatrix Join(IReadOnlyList<HostedNode> nodes, LinearWeight weight)
    {
        if (nodes.Any(n => n.Columns != weight.Columns) || nodes.Sum(n => (long)n.Rows) != weight.Rows)
        {
            throw Differs(nodes[^1], $"{string.Join(", ", nodes.Select(n => $"'{n.Name}' is [{n.Rows}, {n.Columns}]"))}; together expected",
                weight.Rows, weight.Columns, $"'{weight.Name}'");
        }

        var forms = nodes.Select(n => n.Matrix.Form).ToList();
        return forms.All(f => (f.Format, f.Block) == (forms[0].Format, forms[0].Block))
            ? QuantizedRows.Join([.. nodes.Select(n => n.Matrix)])
            : throw new NotSupportedException($"{nodes[0].Where} is quantized as {forms[0]}, and others that are rows of '{weight.Name}' "
                + $"too as {string.Join(", ", forms.Skip(1))}. Expected one block, and zero points in all or none: export them alike.");
    }

    static HostedNode Checked(HostedNode node, int rows, int columns, string weights) => (node.Rows, node.Columns) == (rows, columns)
        ? node
        : throw Differs(node, $"N, K are [{node.Rows}, {node.Columns}]; expected", rows, columns, weights);

    static InvalidDataException Differs(HostedNode node, string found, int rows, int columns, string weights) => new(
        $"{node.Where}: {found} [{rows}, {columns}], the shape of {weights}. The file is of another model; give the model that it was "
        + "exported from.");

    InvalidDataException Missing(LinearWeight weight)
    {
        var layer = weight.Place.Layer;
        var modules = placed.Keys.Where(p => p.Layer == layer).Select(p => p.Module).ToList();
        var instead = file.Graph.Node.FirstOrDefault(n => n.OpType != HostedNode.OpType && LinearPlace.Of(n.Name) == weight.Place);
        return new($"{file.Path}: no {HostedNode.OpType} node is of '{weight.Name}' [{weight.Rows}, {weight.Columns}]"
            + (instead is null ? "" : $"; '{instead.Name}' there is a {instead.OpType}")
            + $". Of layer {layer} the file has {(modules.Count == 0 ? "none" : string.Join(", ", modules))}, and {All.Count} in all, "
            + $"'{All[0].Name}' the first. Export every matrix of the layers in int4, under its module's name.");
    }
}
