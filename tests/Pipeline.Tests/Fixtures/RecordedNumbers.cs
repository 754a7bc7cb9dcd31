using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>Metrics as the program writes them, held against those that an earlier one wrote.</summary>
static partial class RecordedNumbers
{
    /// <summary>The file has the recorded lines, with the same names in the same order.</summary>
    public static void RequireSameMetrics(string recorded, string found)
    {
        var expected = File.ReadAllLines(recorded);
        var actual = File.ReadAllLines(found);
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            RequireSame(expected[i], actual[i]);
        }
    }

    /// <summary>
    /// One JSON object of numbers has the recorded names, beside those that programs since have, and, within the tolerance, the recorded
    /// numbers.
    /// </summary>
    public static void RequireSame(string recorded, string found)
    {
        var expected = JsonNode.Parse(recorded)!.AsObject();
        var actual = JsonNode.Parse(found)!.AsObject();
        Assert.Equal(
            expected.Select(number => number.Key), actual.Select(number => number.Key).Where(name => !Since().IsMatch(name)));
        Assert.All(expected.Where(number => number.Key != "tokens_per_second"), number =>
        {
            var value = (double)number.Value!;
            AssertClose(
                value, (double)actual[number.Key]!, Tolerances.RecordedMetrics, relative: Tolerances.RecordedMetrics, what: number.Key);
        });
    }

    // The divergence from the reference, and what evaluations have beside it.
    [GeneratedRegex("^(eval_)?(kl_k[13]|mean_log_ratio|perplexity|mean_token_accuracy|length_bias|(length|source)/.*)$")]
    private static partial Regex Since();
}
