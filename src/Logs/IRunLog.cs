using OrtDpo.Training;

namespace OrtDpo.Logs;

/// <summary>
/// Something beside <c>metrics.jsonl</c> that keeps what a run tells. It changes no number of the run and never stops it: what goes wrong
/// is said once, and the run goes on.
/// </summary>
public interface IRunLog : IDisposable
{
    /// <summary>Keeps what the loop tells. Called by the loop's thread, which it does not keep waiting.</summary>
    void Tell(TrainingEvent told);

    /// <summary>Keeps what the numbers show of the run.</summary>
    void Tell(Finding found);

    /// <summary>The run is over; called once, before it is disposed.</summary>
    void End(RunEnding ending);
}
