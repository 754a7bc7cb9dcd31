namespace OrtDpo.Logs.Mlflow;

/// <summary>Values on their way to the server, as many as fit. The loop's thread adds, the sender takes.</summary>
sealed class MlflowQueue(int length) : IDisposable
{
    readonly Lock access = new();
    readonly Queue<MlflowMetric> waiting = new();
    readonly SemaphoreSlim ended = new(0);

    /// <summary>Whether nothing more will be added.</summary>
    public bool HasEnded => ended.CurrentCount > 0;

    /// <summary>Adds a value; false where there is no room.</summary>
    public bool TryAdd(MlflowMetric metric)
    {
        lock (access)
        {
            if (waiting.Count >= length)
            {
                return false;
            }

            waiting.Enqueue(metric);
            return true;
        }
    }

    /// <summary>Takes up to <paramref name="count"/> values, the oldest first.</summary>
    public List<MlflowMetric> Take(int count)
    {
        lock (access)
        {
            var taken = new List<MlflowMetric>(Math.Min(count, waiting.Count));
            while (taken.Count < count && waiting.TryDequeue(out var metric))
            {
                taken.Add(metric);
            }

            return taken;
        }
    }

    /// <summary>Nothing more will be added.</summary>
    public void End() => ended.Release();

    /// <summary>Waits, and no longer than until <see cref="End"/>.</summary>
    public async Task Wait(TimeSpan time, CancellationToken stop)
    {
        if (await ended.WaitAsync(time, stop))
        {
            ended.Release();
        }
    }

    public void Dispose() => ended.Dispose();
}
