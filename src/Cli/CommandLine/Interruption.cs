using System.Runtime.InteropServices;

namespace OrtDpo.Cli.CommandLine;

/// <summary>
/// From <see cref="Begin"/> until it is disposed, the first signal does not end the program but cancels <see cref="Token"/>; a second one
/// ends it at once.
/// </summary>
/// <param name="takes">Which signals it takes; others end the program at once.</param>
/// <param name="told">Called when the first comes, on another thread.</param>
sealed class Interruption(Func<PosixSignal, bool> takes, Action told) : IDisposable
{
    readonly CancellationTokenSource source = new();

    /// <summary>Says that something is to stop.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Takes signals from here on.</summary>
    public void Begin() => EndSignals.Hold(this);

    public void Dispose()
    {
        EndSignals.Hold(null);
        source.Dispose();
    }

    /// <summary>Whether it takes the signal: the first that is its own.</summary>
    internal bool Take(PosixSignal signal)
    {
        if (source.IsCancellationRequested || !takes(signal))
        {
            return false;
        }

        source.Cancel();
        told();
        return true;
    }
}
