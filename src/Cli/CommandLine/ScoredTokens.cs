using System.Globalization;

namespace OrtDpo.Cli.CommandLine;

/// <summary>How much of the data a loss learns from.</summary>
static class ScoredTokens
{
    /// <summary>The line for people.</summary>
    /// <param name="scored">Tokens of completions.</param>
    /// <param name="all">Tokens in all, each prompt once.</param>
    public static string Line(long scored, long all) => string.Create(
        CultureInfo.InvariantCulture, $"tokens: {scored} scored of {all} ({100.0 * scored / all:0.#} %); prompts are read and not scored");
}
