using OrtDpo.GpuCheck.Running;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>Steps that wait for every launch end at the bits of those that do not: nothing relies on order that is not there.</summary>
sealed class OrderingCheck() : Check(7, "ordering of the stream", seconds: 45)
{
    static readonly TimeSpan ForDigest = TimeSpan.FromSeconds(20);

    public override void Run(CheckRun run)
    {
        var asynchronous = Digest(run, []);
        run.Computed("steps end at the same bits twice", Digest(run, []) == asynchronous);
        run.Computed(
            "steps end at the same bits where each launch is waited for",
            Digest(run, new Dictionary<string, string> { ["CUDA_LAUNCH_BLOCKING"] = "1" }) == asynchronous);
    }

    static string Digest(CheckRun run, Dictionary<string, string> variables)
    {
        var process = SelfProcess.RunSelf(ForDigest, ["digest", .. run.Places.Arguments], variables);
        return process is { ExitCode: 0, IsTimedOut: false } ? process.Output.Trim()
            : throw new InvalidOperationException($"The steps did not end well: {process.Reason}");
    }
}
