using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrtDpo.Data;

/// <summary>Finds prompts that are in the training data and in the evaluation data. Training rows come first.</summary>
sealed class LeakCheck(bool allowed)
{
    // By digest: the texts of a large data set need not stay in memory.
    readonly Dictionary<UInt128, string> trainRows = [];
    string? firstLeak;
    int leaks;

    internal bool Leaks(ExampleText text, bool isEval)
    {
        var digest = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.DecidedBy)));
        if (!isEval)
        {
            trainRows.TryAdd(digest, text.Id);
            return false;
        }

        if (!trainRows.TryGetValue(digest, out var trainRow))
        {
            return false;
        }

        firstLeak ??= $"The prompt of {text.Id} is also that of {trainRow}";
        leaks++;
        return true;
    }

    /// <exception cref="InvalidDataException">There are leaks, and they are not allowed.</exception>
    internal void ThrowIfLeaked()
    {
        if (leaks > 0 && !allowed)
        {
            var others = leaks == 1 ? "" : $" (and {leaks - 1} more such rows)";
            throw new InvalidDataException($"{firstLeak}{others}: held-out figures would flatter the model. "
                + "Remove these prompts from one side, or pass `AllowLeak`.");
        }
    }
}
