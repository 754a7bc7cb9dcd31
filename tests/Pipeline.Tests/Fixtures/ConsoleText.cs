using System.Globalization;
using System.Text.RegularExpressions;

namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>
/// What the program prints, held against what an earlier one printed: the same characters, but for what is of the moment or the machine.
/// </summary>
static partial class ConsoleText
{
    // Differences between two ways of computing the same are rounding errors: any other number is as good.
    static readonly (Regex Found, string Masked)[] Moments =
    [
        (Duration(), "in {seconds} s"),
        (PhysicalCores(), "one per physical core. [default: {cores}]"),
        (Memory(), "memory: {memory}"),
        (GateDistance(), "largest difference {nats} per token and {nats} per completion"),
        (ParityDistance(), "parity: mean {nats} and at most {nats} nats"),
        (CacheDistance(), "$1; mean {nats} and at most {nats} nats"),
        // Which token is farthest is chance, and its bound is that of its completion's length.
        (RescoredDistance(), "{nats} nats apart of {nats} allowed"),
        (RescoredPlace(), "allowed ({place})"),
        (JsonDistance(), "$1{nats}"),
        (JsonPlace(), "$1\"{place}\""),
    ];

    /// <summary>The text without what is of the moment, of the machine, or rounding error.</summary>
    /// <param name="text">As it was printed.</param>
    /// <param name="folder">Where it was printed; paths below it become <c>{folder}</c>.</param>
    public static string Masked(string text, string folder) => Moments.Aggregate(
        text.Replace(folder, "{folder}", StringComparison.Ordinal), (masked, moment) => moment.Found.Replace(masked, moment.Masked));

    /// <summary>
    /// Whether two masked texts say the same: a decimal number may differ by one unit of its last printed digit, since another build of
    /// ONNX Runtime moves last bits, and with them what is rounded (zeros at the end are not printed everywhere); all else is equal.
    /// </summary>
    public static bool SaysTheSame(string recorded, string found)
    {
        var expected = Decimal().Matches(recorded);
        var actual = Decimal().Matches(found);
        return Decimal().Replace(recorded, "") == Decimal().Replace(found, "")
            && expected.Zip(actual).All(pair => IsNear(pair.First, pair.Second));
    }

    static bool IsNear(Match recorded, Match found)
    {
        var unit = Math.Pow(10, -Math.Max(recorded.Groups["fraction"].Length, found.Groups["fraction"].Length));
        return Math.Abs(Value(recorded) - Value(found)) < 1.5 * unit;
    }

    static double Value(Match number) => double.Parse(number.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\bin \d+\.\d s\b")]
    private static partial Regex Duration();

    [GeneratedRegex(@"one per physical core\. \[default: \d+\]")]
    private static partial Regex PhysicalCores();

    [GeneratedRegex(@"(?m)^memory: .*$")]
    private static partial Regex Memory();

    [GeneratedRegex(@"largest difference \S+ per token and \S+ per completion")]
    private static partial Regex GateDistance();

    [GeneratedRegex(@"parity: mean \S+ and at most \S+ nats")]
    private static partial Regex ParityDistance();

    [GeneratedRegex(@"(?m)^(cache: .*); mean \S+ and at most \S+ nats")]
    private static partial Regex CacheDistance();

    [GeneratedRegex(@"\S+ nats apart of \S+ allowed")]
    private static partial Regex RescoredDistance();

    [GeneratedRegex(@"allowed \([^)]*\)")]
    private static partial Regex RescoredPlace();

    [GeneratedRegex(@"(""(?:probe_distance|distance|found|cached|tolerance)"": )[^,\r\n]+")]
    private static partial Regex JsonDistance();

    [GeneratedRegex(@"(""where"": )""[^""]*""")]
    private static partial Regex JsonPlace();

    // Not within a word: digests have digits, and versions two points.
    [GeneratedRegex(@"(?<![\w.])-?\d+\.(?<fraction>\d+)(?![\w.]*\w)")]
    private static partial Regex Decimal();
}
