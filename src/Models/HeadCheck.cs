using OrtDpo.Models.Decoders;
using OrtDpo.Safetensors;

namespace OrtDpo.Models;

/// <summary>
/// Whether <c>tie_word_embeddings</c> and the tensors agree. What disagrees is refused: Transformers has taken both sides, and either
/// is another model (<c>docs/decisions/0016-names-and-heads.md</c>).
/// </summary>
sealed class HeadCheck(ModelFolder folder, HeadTie tie)
{
    const string Flag = "tie_word_embeddings";

    /// <summary>Whether the tied head is there a second time, as some savers write it.</summary>
    public bool IsRepeated => tie.IsTied && folder.Find(tie.Head) is not null;

    /// <summary>What a reader should know; null where there is nothing.</summary>
    public string? Note => IsRepeated ? $"'{tie.Head}' repeats '{tie.Embedding}' bit for bit, and is one with it ({Flag})" : null;

    /// <summary>What disagrees, or null.</summary>
    public InvalidDataException? Fault() => folder.Find(tie.Head) is not { } head
        ? tie.IsTied ? null : Missing()
        : tie.IsTied && folder.Find(tie.Embedding) is { } embedding && HaveNumbers && !IsCopy(head, embedding) ? Other(head) : null;

    // In 4 bits neither is read, whatever the other is.
    bool HaveNumbers => !folder.IsInFourBits(tie.Head) && !folder.IsInFourBits(tie.Embedding);

    InvalidDataException Missing() => new(
        $"{Config}: {Flag} is false{Default}, and the safetensors hold no '{tie.Head}': the model has no head. "
        + $"Set {Flag} to true if its head is the embedding, as where the head's own numbers were never saved; "
        + "otherwise save the model again with its head (AutoModelForCausalLM).");

    InvalidDataException Other(TensorEntry head) => new(
        $"{Config}: {Flag} is true{Default}, and '{head.Name}' {head.Type} {head.ShapeText} "
        + $"in {Path.GetFileName(folder.FileOf(tie.Head))} is not '{tie.Embedding}'. "
        + $"Set {Flag} to false if the model was trained with this head; remove the tensor if its head is the embedding.");

    string Config => Path.Combine(folder.Path, ModelFolder.ConfigName);

    string Default
    {
        get
        {
            using var config = ConfigFile.Open(Config);
            return config.Has(Flag) ? "" : ", as it is where it is not set";
        }
    }

    unsafe bool IsCopy(TensorEntry head, TensorEntry embedding)
    {
        if (head.Type != embedding.Type || !head.Shape.AsSpan().SequenceEqual(embedding.Shape))
        {
            return false;
        }

        var a = (byte*)folder.Address(tie.Head);
        var b = (byte*)folder.Address(tie.Embedding);
        const int Chunk = 1 << 30;
        for (var at = 0L; at < head.ByteCount; at += Chunk)
        {
            var count = (int)Math.Min(Chunk, head.ByteCount - at);
            if (!new ReadOnlySpan<byte>(a + at, count).SequenceEqual(new ReadOnlySpan<byte>(b + at, count)))
            {
                return false;
            }
        }

        return true;
    }
}
