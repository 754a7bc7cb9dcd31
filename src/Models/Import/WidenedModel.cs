using System.Runtime.InteropServices;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Import;

/// <summary>
/// An ONNX model that computes in bfloat16 as one that computes in float32 on the same numbers, which are all numbers of float32: what a
/// processor can run of it.
/// </summary>
public static unsafe class WidenedModel
{
    const int From = (int)DataType.BFloat16;
    const int To = (int)DataType.Float32;
    const int Chunk = 1 << 26;

    /// <summary>Reads a file, and writes it widened, with its weights beside it.</summary>
    /// <param name="source">The file.</param>
    /// <param name="destination">The file to write, and with <c>.data</c> behind its name that of the weights.</param>
    public static void Write(string source, string destination)
    {
        using var file = OnnxFile.Open(source);
        var (model, graph, blocks) = (file.Model, file.Graph, new List<NativeBlock>());
        try
        {
            model.Graph = null;
            // Small tensors of other types are part of the message; what lies beside the file is written anew.
            var written = graph.Initializer.Where(t => t.DataType == From || t.DataLocation == TensorProto.Types.DataLocation.External)
                .ToList();
            List<Initializer> initializers = [.. written.Select(tensor => Widened(file.Read(tensor), tensor, blocks))];
            written.ForEach(tensor => graph.Initializer.Remove(tensor));
            foreach (var value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).Where(v => v.Type?.TensorType?.ElemType == From))
            {
                value.Type.TensorType.ElemType = To;
            }

            foreach (var to in graph.Node.Where(node => node.OpType == "Cast").SelectMany(node => node.Attribute).Where(a => a.I == From))
            {
                to.I = To;
            }

            OnnxModelWriter.Write(destination, model, graph, initializers, new WrittenModel { FileLimit = 0 });
        }
        finally
        {
            blocks.ForEach(block => block.Dispose());
        }
    }

    static Initializer Widened(TensorData data, TensorProto tensor, List<NativeBlock> blocks)
    {
        var isNarrow = tensor.DataType == From;
        if (!isNarrow && data.Address != 0)
        {
            return new Initializer(tensor.Name, (DataType)tensor.DataType, data.Shape, data.Address);
        }

        var block = NativeBlock.Allocate(data.Count * (isNarrow ? sizeof(float) : data.Type.ByteSize()));
        blocks.Add(block);
        if (!isNarrow)
        {
            data.Bytes.CopyTo(new Span<byte>((void*)block.Address, data.Bytes.Length));
            return new Initializer(tensor.Name, (DataType)tensor.DataType, data.Shape, block.Address);
        }

        for (var at = 0L; at < data.Count; at += Chunk)
        {
            var count = (int)Math.Min(Chunk, data.Count - at);
            var bits = data.Address != 0
                ? new ReadOnlySpan<ushort>((ushort*)data.Address + at, count)
                : MemoryMarshal.Cast<byte, ushort>(data.Bytes).Slice((int)at, count);
            FloatWidening.FromBFloat16(bits, new Span<float>((float*)block.Address + at, count));
        }

        return new Initializer(tensor.Name, DataType.Float32, data.Shape, block.Address);
    }
}
