using System.Globalization;

namespace OrtDpo.Cli.CommandLine;

/// <summary>Progress as lines of text: one every ten seconds, and one at the end.</summary>
sealed class ProgressLines(string activity, long total, string unit, TimeProvider time)
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    readonly long start = time.GetTimestamp();
    TimeSpan last;

    /// <summary>The line for <paramref name="done"/> units, or null while the last line is recent.</summary>
    public string? Next(long done)
    {
        var elapsed = time.GetElapsedTime(start);
        if (elapsed - last < Interval || done == 0)
        {
            return null;
        }

        last = elapsed;
        var perSecond = done / elapsed.TotalSeconds;
        // A step of a large model takes a minute: no steps a second, rounded.
        return string.Create(CultureInfo.InvariantCulture, $"{activity}: {done} of {total} {unit}, ")
            + (perSecond < 1
                ? string.Create(CultureInfo.InvariantCulture, $"{1 / perSecond:0.#} s each")
                : string.Create(CultureInfo.InvariantCulture, $"{perSecond:0.#} {unit}/s"))
            + string.Create(CultureInfo.InvariantCulture, $", {(total - done) / perSecond:0} s left");
    }

    /// <summary>The closing line.</summary>
    public string Last() =>
        string.Create(CultureInfo.InvariantCulture, $"{activity}: {total} {unit} in {time.GetElapsedTime(start).TotalSeconds:0.0} s");
}
