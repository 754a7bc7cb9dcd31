using System.Runtime.InteropServices;
using OrtDpo.Batches;

namespace OrtDpo.Training.Remote;

/// <summary>How arrays, batches, updates and scores lie in messages.</summary>
static class MessageParts
{
    public static void WriteArray<T>(this BinaryWriter writer, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        writer.Write(values.Length);
        writer.Write(MemoryMarshal.AsBytes(values));
    }

    public static T[] ReadArray<T>(this BinaryReader reader)
        where T : unmanaged
    {
        var values = new T[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    public static void WriteBatch(this BinaryWriter writer, PackedBatch batch)
    {
        writer.WriteArray<int>([batch.Rows, batch.Width, batch.Completions, batch.CompletionWidth, batch.Tokens]);
        foreach (var values in (long[][])
            [batch.InputIds, batch.PositionIds, batch.SegmentIds, batch.CompletionIndex, batch.CompletionIds])
        {
            writer.WriteArray<long>(values);
        }

        writer.WriteArray<float>(batch.CompletionMask);
    }

    public static PackedBatch ReadBatch(this BinaryReader reader) => reader.ReadArray<int>() is [var rows, var width, var r, var t, var n]
        ? new PackedBatch
        {
            Rows = rows,
            Width = width,
            Completions = r,
            CompletionWidth = t,
            Tokens = n,
            InputIds = reader.ReadArray<long>(),
            PositionIds = reader.ReadArray<long>(),
            SegmentIds = reader.ReadArray<long>(),
            CompletionIndex = reader.ReadArray<long>(),
            CompletionIds = reader.ReadArray<long>(),
            CompletionMask = reader.ReadArray<float>(),
        }
        : throw new InvalidDataException("A batch does not begin with its five sizes.");

    public static void WriteScores(this BinaryWriter writer, TokenScores scores)
    {
        writer.WriteArray<float>(scores.Logps);
        writer.Write(scores.AreLikeliest is not null);
        writer.WriteArray<bool>(scores.AreLikeliest);
    }

    public static TokenScores ReadScores(this BinaryReader reader)
    {
        var logps = reader.ReadArray<float>();
        var tells = reader.ReadBoolean();
        var likeliest = reader.ReadArray<bool>();
        return new TokenScores(logps, tells ? likeliest : null);
    }

    public static void WriteUpdate(this BinaryWriter writer, OptimizerStep update) =>
        writer.WriteArray<OptimizerStep>([update]);

    public static OptimizerStep ReadUpdate(this BinaryReader reader) => reader.ReadArray<OptimizerStep>()[0];

    public static void WriteResult(this BinaryWriter writer, OptimizerResult result)
    {
        writer.Write(result.GradNorm);
        writer.Write(result.Applied);
    }

    public static OptimizerResult ReadResult(this BinaryReader reader) => new(reader.ReadDouble(), reader.ReadBoolean());
}
