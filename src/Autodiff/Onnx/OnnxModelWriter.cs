using Google.Protobuf;
using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Onnx;

/// <summary>Writes lowered graphs as ONNX models.</summary>
public static class OnnxModelWriter
{
    const int IrVersion = 10;

    /// <summary>The operator set of artifacts and exports: the newest that the runtime of on-device training takes.</summary>
    public const int Opset = 21;

    /// <summary>The serialized model, with every weight an input.</summary>
    /// <param name="graph">A lowered graph.</param>
    /// <param name="opset">The version of ai.onnx that its operators are of.</param>
    /// <exception cref="ArgumentException">The graph holds a composite: it was not lowered.</exception>
    public static byte[] ToBytes(OnnxGraph graph, int opset = Opset)
    {
        var model = Model(opset);
        model.Graph = GraphProtos.Graph(graph, new HashSet<string>());
        return model.ToByteArray();
    }

    /// <summary>The serialized model of a graph that is a message already.</summary>
    public static byte[] ToBytes(GraphProto graph)
    {
        var model = Model(Opset);
        model.Graph = graph;
        return model.ToByteArray();
    }

    /// <summary>
    /// Writes a model with its weights: in the file itself where that stays below its limit, otherwise in <c>&lt;path&gt;.data</c> beside
    /// it. Weights go from native memory to the file without a managed copy.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The graph was not lowered, an initializer does not match an input of the graph, or an input that is empty by default has no open
    /// size.
    /// </exception>
    public static void Write(string path, OnnxGraph graph, IReadOnlyList<Initializer> initializers, WrittenModel? form = null)
    {
        CheckInputs(graph, initializers);
        var model = Model(Opset);
        model.ProducerVersion = form?.ProducerVersion ?? "";
        model.MetadataProps.AddRange((form?.Metadata ?? []).Select(m => new StringStringEntryProto { Key = m.Key, Value = m.Value }));
        var proto = GraphProtos.Graph(graph, initializers.Select(i => i.Name).ToHashSet());
        if (form is not null)
        {
            proto.Initializer.AddRange(form.EmptyByDefault.Select(name => GraphProtos.Empty(graph.Input(name))));
        }

        // Of those that the graph takes in 16 bits nothing is widened.
        var widened = initializers.Where(i => graph.Input(i.Name).Type == DataType.Float32);
        WriteAsIs(path, model, WidenedReads.Of(proto, [.. widened]), initializers, form);
    }

    /// <summary>
    /// The same for a graph that is a message already and computes in float32, and a model that says by itself who made it.
    /// </summary>
    /// <param name="path">The file to write.</param>
    /// <param name="model">The model's message without a graph.</param>
    /// <param name="graph">Its graph without the initializers.</param>
    /// <param name="initializers">The weights.</param>
    /// <param name="form">Where the weights lie; null: inside, as far as they may.</param>
    public static void Write(
        string path, ModelProto model, GraphProto graph, IReadOnlyList<Initializer> initializers, WrittenModel? form = null) =>
        WriteAsIs(path, model, WidenedReads.Of(graph, initializers), initializers, form);

    static void WriteAsIs(
        string path, ModelProto model, GraphProto graph, IReadOnlyList<Initializer> initializers, WrittenModel? form)
    {
        var size = model.CalculateSize() + graph.CalculateSize() + initializers.Sum(i => i.Bytes + 1024);
        using var file = File.Create(path);
        if (size < (form?.FileLimit ?? WrittenModel.LargestFile))
        {
            InlineModel.Write(file, model, graph, initializers);
            return;
        }

        var dataPath = path + ".data";
        using var data = File.Create(dataPath);
        var whole = new ModelProto(model) { Graph = new GraphProto(graph) };
        whole.Graph.Initializer.AddRange(ExternalData.Write(data, Path.GetFileName(dataPath), initializers));
        whole.WriteTo(file);
    }

    static ModelProto Model(int opset) => new()
    {
        IrVersion = IrVersion,
        ProducerName = "OrtDpo",
        OpsetImport = { new OperatorSetIdProto { Version = opset }, new OperatorSetIdProto { Domain = Op.Microsoft, Version = 1 } },
    };

    static void CheckInputs(OnnxGraph graph, IReadOnlyList<Initializer> initializers)
    {
        foreach (var initializer in initializers)
        {
            var input = graph.Input(initializer.Name);
            var shape = new Shape(initializer.Shape.Select(size => (Dim)size));
            var isStoredNarrower = input.Type == DataType.Float32 && initializer.Type is DataType.Float16 or DataType.BFloat16;
            if ((input.Type != initializer.Type && !isStoredNarrower) || !input.Shape.Equals(shape))
            {
                throw new ArgumentException(
                    $"Initializer '{initializer.Name}' is {initializer.Type} {shape}; graph '{graph.Name}' expects {input}.",
                    nameof(initializers));
            }
        }
    }
}
