using System.Text.RegularExpressions;

namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>
/// What the demo prints, without what is of the moment or the machine: its figures of quality and its answers are neither.
/// </summary>
static partial class DemoOutput
{
    /// <summary>The text as <c>demo.txt</c> has it.</summary>
    /// <param name="text">As it was printed.</param>
    /// <param name="folder">What the demo was told to make.</param>
    public static string Masked(string text, string folder)
    {
        text = Progress().Replace(text, "");
        text = Threads().Replace(text, "$1{threads}");
        text = ThreadsReason().Replace(text, "threads: {threads}");
        text = Model().Replace(text, "$1{model}$2");
        text = Cost().Replace(text, "$1 …");
        return ConsoleText.Masked(text, folder);
    }

    // A line every ten seconds.
    [GeneratedRegex(@"(?m)^(\w+: \d+ of \d+ .* s left|step \d+ of \d+: .*)\n")]
    private static partial Regex Progress();

    [GeneratedRegex(@"(?<=float32 on cpu)(, )\d+(?= threads)")]
    private static partial Regex Threads();

    [GeneratedRegex(@"(?m)^threads: .*$")]
    private static partial Regex ThreadsReason();

    [GeneratedRegex(@"(reference: |--model )/\S+?(, llama| --ref)")]
    private static partial Regex Model();

    [GeneratedRegex(@"(?m)^(training|whole demo|peak memory of the process|export against policy, nats per token)  +\d.*$")]
    private static partial Regex Cost();
}
