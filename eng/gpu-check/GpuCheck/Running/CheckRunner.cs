using System.Diagnostics;
using OrtDpo.GpuCheck.Checks;
using OrtDpo.GpuCheck.Reports;

namespace OrtDpo.GpuCheck.Running;

/// <summary>Runs checks one after the other, each as a process of its own, and stops at none.</summary>
/// <param name="places">The folders.</param>
/// <param name="output">Where the report goes after each check.</param>
/// <param name="budget">The time of all of them.</param>
sealed class CheckRunner(Places places, string output, TimeSpan budget)
{
    // Less is no time to load anything. Who asks for the facts loads CUDA's libraries for the first time, a gigabyte from some disk.
    static readonly TimeSpan Least = TimeSpan.FromSeconds(4), ForFacts = TimeSpan.FromSeconds(60);

    readonly Stopwatch clock = Stopwatch.StartNew();

    /// <summary>Runs them; the report has these results and those of earlier calls.</summary>
    /// <returns>Whether each passed, was skipped, or had nothing but junk numbers to say.</returns>
    public bool Run(IEnumerable<Check> checks)
    {
        Directory.CreateDirectory(places.Work);
        var facts = Facts();
        Directory.CreateDirectory(places.Results);
        Console.WriteLine(facts switch
        {
            null => "No device could be opened; check 1 says why.",
            { IsStub: true } => $"STUB LIBRARIES, WHICH COMPUTE NOTHING: numbers and times are junk. {facts.Name}.",
            _ => $"{facts.Name}, compute capability {facts.Capability}.",
        });
        var isGood = true;
        foreach (var check in checks)
        {
            var result = Result(check);
            ReportJson.Write(places.Result(check.Number), result);
            Report.Of(facts, All()).Write(output);
            Console.WriteLine(StatusText.Line(result));
            isGood &= result.Status is CheckStatus.Passed or CheckStatus.Junk or CheckStatus.Skipped;
        }

        Console.WriteLine(FormattableString.Invariant($"{clock.Elapsed.TotalSeconds:0} s; {Path.Combine(output, Report.FileName)}"));
        return isGood;
    }

    // Asked for again in each call: what stubs found, or another GPU, does not stand in this one's report.
    GpuFacts? Facts()
    {
        var known = Known();
        File.Delete(places.Facts);
        SelfProcess.RunSelf(ForFacts, ["facts", .. places.Arguments]);
        var found = Known();
        if (known is null)
        {
            return found;
        }

        if (found is null)
        {
            // For the call after this one.
            ReportJson.Write(places.Facts, known);
        }
        else if ((found.Name, found.IsStub) != (known.Name, known.IsStub) && Directory.Exists(places.Results))
        {
            Directory.Delete(places.Results, recursive: true);
        }

        return found;
    }

    GpuFacts? Known() => File.Exists(places.Facts) ? ReportJson.Read<GpuFacts>(places.Facts) : null;

    IEnumerable<CheckResult> All() => Directory.EnumerateFiles(places.Results, "*.json")
        .Select(ReportJson.Read<CheckResult>);

    CheckResult Result(Check check)
    {
        var left = budget - clock.Elapsed;
        var time = left < check.Time ? left : check.Time;
        if (time < Least)
        {
            return new CheckResult(
                check.Number, check.Name, CheckStatus.Skipped, 0, "No time is left in this call; run it in another.", []);
        }

        File.Delete(places.Result(check.Number));
        var begin = clock.Elapsed;
        var process = SelfProcess.RunSelf(time, ["check", check.Number.ToString("0", null), .. places.Arguments]);
        var seconds = (clock.Elapsed - begin).TotalSeconds;
        var found = File.Exists(places.Result(check.Number)) ? ReportJson.Read<CheckResult>(places.Result(check.Number))
            : new CheckResult(check.Number, check.Name, CheckStatus.Crashed, seconds, "", []);
        return process switch
        {
            { IsTimedOut: true } => found with
            {
                Status = CheckStatus.TimedOut,
                Seconds = seconds,
                Message = FormattableString.Invariant($"Ended after {time.TotalSeconds:0} s.\n{process.Error}").TrimEnd(),
            },
            { ExitCode: 0 } => found,
            _ => found with { Status = CheckStatus.Crashed, Seconds = seconds, Message = process.Reason },
        };
    }
}
