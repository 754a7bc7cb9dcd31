using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Google.Protobuf;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;
using AttributeType = OrtDpo.Autodiff.Onnx.AttributeProto.Types.AttributeType;

namespace OrtDpo.Models.Tests.Import;

/// <summary>
/// Small decoders as ONNX files, written as text: <c>x</c> are the embedded tokens [B, S, 4], the lines make <c>y</c> [B, S, 4] of it, and
/// a last product makes logits of 5 tokens. A line is <c>y, z = Op(x, 3, [1, 2], 0.5, true) { axis = 1, to = 7 }</c>: numbers among the
/// operands become constants.
/// </summary>
static partial class TextModel
{
    public const int Hidden = 4;
    public const int Vocabulary = 5;

    public static ModelProto Build(int opset, string lines)
    {
        var graph = new GraphProto { Name = "text" };
        graph.Input.Add(Rows("input_ids"));
        graph.Input.Add(Rows("attention_mask"));
        graph.Output.Add(new ValueInfoProto { Name = "logits", Type = new() { TensorType = new() { ElemType = 1 } } });
        graph.Initializer.Add(Weight("embedding", Vocabulary, Hidden));
        graph.Initializer.Add(Weight("scale", Hidden));
        graph.Initializer.Add(Weight("head", Hidden, Vocabulary));
        graph.Node.Add(Node("x = Gather(embedding, input_ids)"));
        graph.Node.AddRange(lines.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Node));
        graph.Node.Add(Node("logits = MatMul(y, head)"));
        var constants = graph.Node.SelectMany(n => n.Input).Where(IsConstant).Distinct().Select(ConstantNode).ToList();
        for (var i = 0; i < constants.Count; i++)
        {
            graph.Node.Insert(i, constants[i]);
        }

        return new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { Opset("", opset), Opset(Op.Microsoft, 1) } };
    }

    public static string Write(this ModelProto model, string path)
    {
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }

    public static TensorProto Weight(string name, params long[] shape)
    {
        // Numbers without a pattern, between -1 and 1.
        var count = shape.Aggregate(1L, (a, b) => a * b);
        var values = Enumerable.Range(0, (int)count).Select(i => (float)Math.Sin((i * 12.9898) + name.Length)).ToArray();
        return new() { Name = name, DataType = 1, Dims = { shape }, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(values)) };
    }

    static OperatorSetIdProto Opset(string domain, int version) => new() { Domain = domain, Version = version };

    static ValueInfoProto Rows(string name)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "batch" });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "sequence" });
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)DataType.Int64, Shape = shape } } };
    }

    static NodeProto Node(string line)
    {
        var match = Line().Match(line);
        Assert.True(match.Success, line);
        var op = match.Groups["op"].Value;
        var dot = op.LastIndexOf('.');
        var name = $"node_{match.Groups["outputs"].Value.Split(',')[0].Trim()}";
        var node = new NodeProto { OpType = op[(dot + 1)..], Domain = dot < 0 ? "" : op[..dot], Name = name };
        node.Output.AddRange(match.Groups["outputs"].Value.Split(',', StringSplitOptions.TrimEntries).Select(o => o == "_" ? "" : o));
        node.Input.AddRange(Operand().Matches(match.Groups["inputs"].Value).Select(m => m.Value == "_" ? "" : m.Value));
        foreach (Match attribute in Attribute().Matches(match.Groups["attributes"].Value))
        {
            node.Attribute.Add(AttributeOf(attribute.Groups["name"].Value, attribute.Groups["value"].Value));
        }

        return node;
    }

    static AttributeProto AttributeOf(string name, string text) => text switch
    {
        ['"', .. var quoted, '"'] => new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(quoted) },
        ['[', .. var list, ']'] => new() { Name = name, Type = AttributeType.Ints, Ints = { list.Split(',').Select(Integer) } },
        ['t', '(', .. var number, ')'] => new() { Name = name, Type = AttributeType.Tensor, T = Tensor([number], [1]) },
        _ when text.Contains('.', StringComparison.Ordinal) =>
            new() { Name = name, Type = AttributeType.Float, F = float.Parse(text, CultureInfo.InvariantCulture) },
        _ => new() { Name = name, Type = AttributeType.Int, I = Integer(text) },
    };

    static bool IsConstant(string name) =>
        name.Length > 0 && (name[0] is '[' or '-' || char.IsAsciiDigit(name[0]) || name is "true" or "false");

    static NodeProto ConstantNode(string text) => new()
    {
        OpType = "Constant",
        Output = { text },
        Attribute = { new AttributeProto { Name = "value", Type = AttributeType.Tensor, T = text[0] == '['
            ? Tensor(text[1..^1].Split(',', StringSplitOptions.TrimEntries), [text.Split(',').Length])
            : Tensor([text], []) } },
    };

    static TensorProto Tensor(string[] numbers, long[] shape) =>
        numbers[0] is "true" or "false" ? new() { DataType = 9, Dims = { shape }, Int32Data = { numbers.Select(n => n == "true" ? 1 : 0) } }
        : numbers.Any(n => n.Contains('.', StringComparison.Ordinal))
            ? new() { DataType = 1, Dims = { shape }, FloatData = { numbers.Select(n => float.Parse(n, CultureInfo.InvariantCulture)) } }
            : new() { DataType = 7, Dims = { shape }, Int64Data = { numbers.Select(Integer) } };

    static long Integer(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<outputs>[\w, ]+?)\s*=\s*(?<op>[\w.]+)\((?<inputs>.*?)\)\s*(\{(?<attributes>.*)\})?$")]
    private static partial Regex Line();

    [GeneratedRegex(@"\[[^\]]*\]|[\w.\-]+")]
    private static partial Regex Operand();

    [GeneratedRegex(@"(?<name>\w+)\s*=\s*(?<value>\[[^\]]*\]|""[^""]*""|t\([^)]*\)|[\w.\-]+)")]
    private static partial Regex Attribute();
}
