using OrtDpo.Batches;

namespace OrtDpo.Data.Tests.Mutation;

/// <summary>Reads many damaged files of one kind.</summary>
static class MutationRun
{
    // Faults of one kind of file are most often one fault.
    const int Enough = 5;

    /// <summary>The first faults among <paramref name="count"/> files, drawn by the numbers behind <paramref name="seed"/>.</summary>
    public static IReadOnlyList<string> Faults(FileKind kind, ulong seed, int count)
    {
        var random = new SplitMix64(seed);
        return Faults(kind, Enumerable.Range(0, count).Select(_ => random.Next()));
    }

    /// <summary>The faults among the files of <paramref name="seeds"/>.</summary>
    public static IReadOnlyList<string> Faults(FileKind kind, IEnumerable<ulong> seeds)
    {
        using var folder = new TemporaryFolder();
        kind.WriteBeside(folder.Path);
        var faults = new List<string>();
        foreach (var seed in seeds)
        {
            if (GuardedRead.Fault(MutatedInput.Of(kind, seed), folder.Path, out var hangs) is { } fault)
            {
                faults.Add(fault);
            }

            // What hangs goes on beside the next reading, and may allocate: nothing would be measured.
            if (hangs || faults.Count == Enough)
            {
                break;
            }
        }

        return faults;
    }
}
