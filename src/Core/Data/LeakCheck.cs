using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrtDpo.Core.Data;

/// <summary>Finds prompts that are in the training data and in the evaluation data. Training rows come first.</summary>
internal sealed class LeakCheck(bool allowed)
{
    // By digest: the texts of a large data set need not stay in memory.
    readonly Dictionary<UInt128, string> _trainRows = [];
    string? _firstLeak;
    int _leaks;

    internal bool Leaks(PairText text, bool isEval)
    {
        var digest = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.Prompt)));
        if (!isEval)
        {
            _trainRows.TryAdd(digest, text.Id);
            return false;
        }

        if (!_trainRows.TryGetValue(digest, out var trainRow))
        {
            return false;
        }

        _firstLeak ??= $"The prompt of {text.Id} is also that of {trainRow}";
        _leaks++;
        return true;
    }

    /// <exception cref="InvalidDataException">There are leaks, and they are not allowed.</exception>
    internal void ThrowIfLeaked()
    {
        if (_leaks > 0 && !allowed)
        {
            var others = _leaks == 1 ? "" : $" (and {_leaks - 1} more such rows)";
            throw new InvalidDataException(
                $"{_firstLeak}{others}: held-out figures would flatter the model. Remove these prompts from one side, or pass --allow-leak.");
        }
    }
}
