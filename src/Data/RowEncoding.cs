namespace OrtDpo.Data;

/// <summary>Encodes rows ahead of the reader, on the machine's other processors and in the rows' order.</summary>
static class RowEncoding
{
    // Long enough to be worth a task, short enough that few texts wait in memory.
    const int ChunkRows = 64;

    /// <summary>Each row with what <paramref name="encode"/> makes of it; as many chunks ahead as there are processors.</summary>
    internal static IEnumerable<(ExampleText Text, T Encoded)> Ahead<T>(IEnumerable<ExampleText> rows, Func<ExampleText, T> encode)
    {
        var ahead = new Queue<Task<(ExampleText, T)[]>>();
        foreach (var chunk in rows.Chunk(ChunkRows))
        {
            ahead.Enqueue(Task.Run(() => Array.ConvertAll(chunk, row => (row, encode(row)))));
            if (ahead.Count > Environment.ProcessorCount)
            {
                foreach (var row in ahead.Dequeue().GetAwaiter().GetResult())
                {
                    yield return row;
                }
            }
        }

        while (ahead.TryDequeue(out var last))
        {
            foreach (var row in last.GetAwaiter().GetResult())
            {
                yield return row;
            }
        }
    }
}
