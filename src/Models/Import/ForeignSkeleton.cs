using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Import;

/// <summary>
/// A foreign model without its parameters' numbers: everything else of the file as it is, so that a trained model is the same graph with
/// other initializers. Copies of a parameter become nodes that read it, or the two would differ after the first step.
/// </summary>
sealed class ForeignSkeleton
{
    readonly ModelProto model;
    readonly GraphProto graph;
    readonly IReadOnlySet<string> parameters;

    ForeignSkeleton(ModelProto model, GraphProto graph, IReadOnlySet<string> parameters)
    {
        this.model = model;
        this.graph = graph;
        this.parameters = parameters;
        var whole = Without(new ModelProto(model) { Graph = graph }, IsOurs);
        Digest = Convert.ToHexStringLower(SHA256.HashData(whole.ToByteArray()));
    }

    /// <summary>
    /// Hex SHA-256 of the model's message, the parameters' numbers left out, and what an export of this project says of itself: a run's
    /// checkpoint and its export are one model.
    /// </summary>
    public string Digest { get; }

    public static ForeignSkeleton Of(OnnxFile file, ForeignModel read)
    {
        var parameters = read.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var copies = read.Copies.ToDictionary(c => c.Name, StringComparer.Ordinal);
        // Cloned without the initializers first: they are most of the file.
        var initializers = file.Graph.Initializer.ToList();
        file.Graph.Initializer.Clear();
        var graph = new GraphProto(file.Graph);
        file.Graph.Initializer.AddRange(initializers);
        // By name: files of the same model have the same digest, whatever the order of their initializers.
        var kept = initializers.Where(i => !copies.ContainsKey(i.Name)).OrderBy(i => i.Name, StringComparer.Ordinal);
        graph.Initializer.AddRange(kept.Select(i => parameters.Contains(i.Name)
            ? new TensorProto { Name = i.Name, DataType = i.DataType, Dims = { i.Dims } }
            : Inside(file, i)));
        foreach (var input in graph.Input.Where(i => copies.ContainsKey(i.Name)).ToList())
        {
            graph.Input.Remove(input);
        }

        foreach (var copy in read.Copies)
        {
            graph.Node.Insert(0, Reading(copy));
        }

        var open = file.Model.Graph;
        file.Model.Graph = null;
        var model = new ModelProto(file.Model);
        file.Model.Graph = open;
        return new ForeignSkeleton(model, graph, parameters);
    }

    /// <summary>
    /// Writes the model with its parameters where <paramref name="weights"/>, a safetensors file in the same folder, keeps them.
    /// </summary>
    public void WriteBeside(string path, SafetensorsFile weights)
    {
        var whole = new ModelProto(model) { Graph = new GraphProto(graph) };
        foreach (var initializer in whole.Graph.Initializer.Where(i => parameters.Contains(i.Name)))
        {
            var tensor = weights.Tensors[initializer.Name];
            initializer.DataLocation = TensorProto.Types.DataLocation.External;
            initializer.ExternalData.Add(Entry("location", Path.GetFileName(weights.Path)));
            initializer.ExternalData.Add(Entry("offset", tensor.Offset.ToString(CultureInfo.InvariantCulture)));
            initializer.ExternalData.Add(Entry("length", tensor.ByteCount.ToString(CultureInfo.InvariantCulture)));
        }

        using var file = File.Create(path);
        whole.WriteTo(file);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Writes the model with these parameters, inside the file or beside it.</summary>
    public void Write(string path, IReadOnlyList<Initializer> weights, WrittenModel? form)
    {
        var rest = new GraphProto(graph);
        foreach (var initializer in rest.Initializer.Where(i => parameters.Contains(i.Name)).ToList())
        {
            rest.Initializer.Remove(initializer);
        }

        OnnxModelWriter.Write(path, form is null ? model : Saying(form), rest, weights, form);
    }

    // A file that was exported from another run says so of itself, which is not true of this one. Its family is: the graph is the same.
    ModelProto Saying(WrittenModel form)
    {
        var said = Without(new ModelProto(model), entry => IsOurs(entry) && entry.Key != CachePorts.FamilyEntry);
        var kept = said.MetadataProps.Select(entry => entry.Key).ToHashSet(StringComparer.Ordinal);
        said.MetadataProps.AddRange(form.Metadata.Where(entry => !kept.Contains(entry.Key))
            .Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
        return said;
    }

    static bool IsOurs(StringStringEntryProto entry) => entry.Key.StartsWith(WrittenModel.MetadataPrefix, StringComparison.Ordinal);

    static ModelProto Without(ModelProto model, Func<StringStringEntryProto, bool> entries)
    {
        foreach (var entry in model.MetadataProps.Where(entries).ToList())
        {
            model.MetadataProps.Remove(entry);
        }

        return model;
    }

    static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };

    static TensorProto Inside(OnnxFile file, TensorProto tensor)
    {
        if (tensor.DataLocation != TensorProto.Types.DataLocation.External)
        {
            return tensor;
        }

        return new TensorProto
        {
            Name = tensor.Name, DataType = tensor.DataType, Dims = { tensor.Dims }, RawData = ByteString.CopyFrom(file.Read(tensor).Bytes),
        };
    }

    static NodeProto Reading(ForeignCopy copy)
    {
        var node = new NodeProto { Name = $"tied/{copy.Name}", OpType = copy.Transposed ? "Transpose" : "Identity" };
        node.Input.Add(copy.Parameter);
        node.Output.Add(copy.Name);
        if (copy.Transposed)
        {
            node.Attribute.Add(new AttributeProto { Name = "perm", Type = AttributeProto.Types.AttributeType.Ints, Ints = { 1, 0 } });
        }

        return node;
    }
}
