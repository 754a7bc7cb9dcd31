using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models;
using OrtDpo.Runtime.Memory;
using OrtDpo.Safetensors;

namespace OrtDpo.Runtime.Models;

/// <summary>
/// Looks a batch's tokens up on the host, in the matrix where its file is mapped, for a device that has no memory for a matrix of which a
/// batch reads a few rows.
/// </summary>
sealed class EmbeddingLookup
{
    // What is gathered before it goes up.
    const long PartBytes = 4 << 20;

    readonly ModelFolder folder;
    readonly TensorEntry entry;
    readonly DataType type;

    /// <param name="folder">The model.</param>
    /// <param name="types">The types of its parameters.</param>
    /// <exception cref="NotSupportedException">Its embedding has to lie on the device; the message says why.</exception>
    public EmbeddingLookup(ModelFolder folder, ParameterTypes types)
    {
        if (WhyNot(folder) is { } reason)
        {
            throw new NotSupportedException(reason);
        }

        this.folder = folder;
        Matrix = EmbeddingCut.Of(folder.Model.Embed())!.Matrix;
        entry = folder.Find(Matrix)!;
        type = types.Read(Matrix);
    }

    /// <summary>The parameter that lies on the host.</summary>
    public string Matrix { get; }

    /// <summary>Why a model's embedding has to lie on the device, in sentences; null where it need not.</summary>
    public static string? WhyNot(ModelFolder folder) =>
        Obstacle(folder) is (var reason, var remedy) ? $"`Embeddings` is host, and {reason}. Leave `Embeddings` out{remedy}." : null;

    /// <summary>Why, as a clause, and what would help beside leaving it there; null where it need not lie there.</summary>
    public static (string Reason, string Remedy)? Obstacle(ModelFolder folder)
    {
        if (EmbeddingCut.Of(folder.Model.Embed()) is not { } cut)
        {
            return ($"the graph of {folder.Path} does not look its tokens up, as they come, in one matrix that it reads nowhere else", "");
        }

        if (folder.Trains(cut.Matrix))
        {
            return ($"'{cut.Matrix}' trains, which it does on the device", ", or train an adapter that leaves it frozen (`Lora`)");
        }

        return folder.Model.Layers().Append(folder.Model.Head()).Any(part => part.ParameterNames.Values.Contains(cut.Matrix))
            ? ($"the head multiplies with '{cut.Matrix}' too (they are tied), on the device", "")
            : null;
    }

    /// <summary>An embedding that reads the rows in place of the matrix, under the name <see cref="EmbeddingCut.Rows"/>.</summary>
    public static Fragment Cut(Fragment embed) => EmbeddingCut.Of(embed)!.Rest;

    /// <summary>The rows of tokens, <c>[B, S, H]</c>, in the type that graphs read the matrix in; the caller disposes them.</summary>
    /// <param name="ids"><c>[B · S]</c>.</param>
    /// <param name="shape">B and S.</param>
    /// <param name="pool">Where they lie.</param>
    /// <exception cref="ArgumentException">The matrix has no row for a token.</exception>
    public DeviceTensor Rows(long[] ids, ReadOnlySpan<long> shape, MemoryPool pool)
    {
        var (tokens, width) = (entry.Shape[0], entry.Shape[1]);
        if (Array.FindIndex(ids, id => id < 0 || id >= tokens) is >= 0 and var at)
        {
            throw new ArgumentException(
                $"The batch has token {ids[at]}; '{Matrix}' has rows for 0 to {tokens - 1}. Use the model's own tokenizer.", nameof(ids));
        }

        var rows = DeviceTensor.Rent(pool, type, shape[0], shape[1], width);
        if (!pool.IsDry)
        {
            Write(ids, rows);
        }

        return rows;
    }

    void Write(long[] ids, DeviceTensor rows)
    {
        var (stored, made) = (entry.ByteCount / entry.Shape[0], entry.Shape[1] * type.Size());
        var row = entry with { ByteCount = stored };
        var most = Math.Max(1, PartBytes / made);
        using var part = NativeBlock.Allocate(Math.Min(most, ids.Length) * made);
        foreach (var (start, count) in Slices.Of(ids.Length, most))
        {
            for (var i = 0L; i < count; i++)
            {
                StoredTensor.Convert(
                    folder.Address(Matrix) + (nint)(ids[start + i] * stored), row, type, part.Address + (nint)(i * made));
            }

            using var target = rows.Flat(start, count, entry.Shape[1]);
            target.Write(part.Address);
        }
    }
}
