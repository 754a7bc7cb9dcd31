namespace OrtDpo.Runtime.Models;

/// <summary>The head runs in chunks of rows, so that <c>[rows, vocabulary]</c> stays small however long the completions are.</summary>
public static class CompletionChunks
{
    const long Bytes = 16L << 20;

    /// <summary>
    /// Ranges of scored tokens whose log-probabilities over the vocabulary take at most <paramref name="bytes"/>, 16 MiB by default.
    /// </summary>
    public static IEnumerable<(int Start, int Count)> Of(int scored, int vocabulary, long bytes = Bytes)
    {
        var most = (int)Math.Clamp(bytes / (vocabulary * (long)sizeof(float)), 16, int.MaxValue);
        var chunks = Math.Max(1, (scored + most - 1) / most);
        for (var i = 0; i < chunks; i++)
        {
            var start = (int)((long)scored * i / chunks);
            yield return (start, (int)((long)scored * (i + 1) / chunks) - start);
        }
    }
}
