namespace OrtDpo.Logs.Mlflow;

/// <summary>How patient the log is with a server.</summary>
sealed record MlflowPacing
{
    /// <summary>Between two batches.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>For an answer to one request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Before the second try; each later pause is twice the one before it.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause, and the longest that a server may ask for.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For everything that is left when the run has ended.</summary>
    public TimeSpan EndWait { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Values that wait for the server: eight thousand steps with thirty metrics, and some ten MB.</summary>
    public int QueueLength { get; init; } = 250_000;

    /// <summary>The pause after so many failures in a row.</summary>
    public TimeSpan Pause(int failures, TimeSpan? asked)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 20));
        return asked > pause ? Least(asked.Value, LongestPause) : Least(pause, LongestPause);
    }

    static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
