using System.Buffers.Binary;
using OrtDpo.Runs;
using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Checkpoints;

/// <summary>Writes checkpoints: the tables first, then the tensors, straight from where they lie.</summary>
static class CheckpointWriter
{
    // ONNX Runtime copies tensors from wherever they stand; a reader that maps the file computes on them where they are.
    const int Alignment = 64;

    /// <inheritdoc cref="OnDeviceCheckpoint.Write"/>
    public static void Write(string path, OnDeviceCheckpoint checkpoint, bool external)
    {
        if (CheckpointRules.Fault(checkpoint) is { } fault)
        {
            throw new ArgumentException($"The checkpoint for {path} cannot be: {fault}", nameof(checkpoint));
        }

        var isExternal = external && !checkpoint.IsNominal;
        var parts = new CheckpointLayout(checkpoint, isExternal, Alignment);
        if (parts.FileBytes > CheckpointSchema.LargestFile)
        {
            throw new NotSupportedException(FormattableString.Invariant(
                $"{path} would take {parts.FileBytes} bytes, and the format ends at {CheckpointSchema.LargestFile}. ")
                + $"Have its tensors put beside it, in {Path.GetFileName(path)}{CheckpointSchema.DataSuffix}.");
        }

        var data = path + CheckpointSchema.DataSuffix;
        if (isExternal)
        {
            // Once they are written, and before they get their name: a kill between the two files must not leave the tables of one
            // checkpoint beside the tensors of another.
            AtomicFile.Write(data, file => WriteTensors(file, parts.Tensors), verify: _ => File.Delete(path));
        }

        AtomicFile.Write(path, file =>
        {
            file.Write(parts.Tables);
            if (!isExternal)
            {
                WriteVectors(file, parts.Tensors);
            }
        });
        if (!isExternal)
        {
            // Of a checkpoint that stood here before: nothing refers to it any more.
            File.Delete(data);
        }
    }

    static void WriteTensors(Stream file, IReadOnlyList<(long At, TensorSource Tensor)> tensors)
    {
        foreach (var (at, tensor) in tensors)
        {
            PadTo(file, at);
            SafetensorsWriter.WriteBytes(file, tensor);
        }
    }

    // The count of its bytes stands before each.
    static void WriteVectors(Stream file, IReadOnlyList<(long At, TensorSource Tensor)> tensors)
    {
        Span<byte> count = stackalloc byte[sizeof(int)];
        foreach (var (at, tensor) in tensors)
        {
            PadTo(file, at);
            BinaryPrimitives.WriteInt32LittleEndian(count, (int)tensor.ByteCount);
            file.Write(count);
            SafetensorsWriter.WriteBytes(file, tensor);
        }
    }

    static void PadTo(Stream file, long at)
    {
        Span<byte> zeros = stackalloc byte[Alignment];
        zeros.Clear();
        file.Write(zeros[..(int)(at - file.Position)]);
    }
}
