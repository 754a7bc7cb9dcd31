using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>Metrics as the program writes them, held against those that an earlier one wrote.</summary>
static class RecordedNumbers
{
    // All are means of float32 sums, of which log-probabilities of -80 nats are exact to 8e-6 at best: hence relative above 1. Two threads
    // and micro-batches of one pair, another order of every sum, moved losses by 1.3e-7, rewards by 3.7e-7 and log-probabilities by
    // 3.2e-6; ONNX Runtime 1.31 in the place of 1.29 losses by 2.3e-7, rewards by 5.4e-7 and log-probabilities by 5.2e-6.
    const double Tolerance = 1e-5;

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

    /// <summary>One JSON object of numbers has the recorded names and, within the tolerance, the recorded numbers.</summary>
    public static void RequireSame(string recorded, string found)
    {
        var expected = JsonNode.Parse(recorded)!.AsObject();
        var actual = JsonNode.Parse(found)!.AsObject();
        Assert.Equal(expected.Select(number => number.Key), actual.Select(number => number.Key));
        Assert.All(expected.Where(number => number.Key != "tokens_per_second"), number =>
        {
            var value = (double)number.Value!;
            Assert.Equal(value, (double)actual[number.Key]!, Tolerance * Math.Max(1, Math.Abs(value)));
        });
    }
}
