using System.Globalization;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.CudaEngine.Tests.Fragments;

/// <summary>What each part of the engine asks of the device: the committed <c>fragments.tsv</c>.</summary>
static class FragmentTable
{
    const string Write = "ORTDPO_WRITE_FRAGMENT_TABLE";

    // Of rows that differ, as many are said.
    const int MostSaid = 12;

    static readonly string FilePath = Repository.Find("tests", "CudaEngine.Tests", "fragments.tsv");

    static string HowToWrite => $"Where that is meant, write the table again: {Write}=1 dotnet test tests/CudaEngine.Tests -c Release.";

    static string[] Header =>
    [
        "# What each part of the engine asks of a GPU: kernels, products, copies, bytes, and the most memory in use beyond what was.",
        $"# Counted on the stub device (tests/FakeCuda) under the CUDA provider of ONNX Runtime {OrtFacts.Read().Version}, graphs of opset "
            + $"{OnnxModelWriter.Opset}:",
        "# the tiny models of tests/golden/families, two pairs of 20 tokens in two rows, each call the second time. Self-copies are of",
        "# Gemm where C is Y. Nothing runs on another stream. No number depends on the machine.",
        $"# To make it again: {Write}=1 dotnet test tests/CudaEngine.Tests -c Release",
        string.Join('\t', [.. FragmentKey.Columns, .. FragmentCost.Columns]),
    ];

    /// <summary>The rows that are committed.</summary>
    public static IReadOnlyList<(FragmentKey Key, FragmentCost Cost)> Rows() =>
        [.. File.Exists(FilePath) ? File.ReadAllLines(FilePath).Skip(Header.Length).Select(Row) : []];

    /// <summary>That the table says of a family what was counted, no less and no more; writes it where that is asked for.</summary>
    public static void Require(string family, IReadOnlyList<(FragmentKey Key, FragmentCost Cost)> counted)
    {
        if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
        {
            var rows = Rows().Where(row => row.Key.Family != family).Concat(counted)
                .OrderBy(row => row.Key.Family, StringComparer.Ordinal);
            File.WriteAllLines(FilePath, [.. Header, .. rows.Select(Line)]);
        }

        Assert.Equal(Header, File.ReadLines(FilePath).Take(Header.Length));
        var own = Rows().Where(row => row.Key.Family == family).ToList();
        var committed = own.DistinctBy(row => row.Key).ToDictionary(row => row.Key, row => row.Cost);
        var said = own.GroupBy(row => row.Key).Where(rows => rows.Count() > 1).Select(rows => $"'{rows.Key}' has {rows.Count()} rows.")
            .Concat(counted.Select(row => Difference(row.Key, row.Cost)).OfType<string>())
            .Concat(committed.Keys.Except(counted.Select(row => row.Key)).Select(
                key => $"'{key}' has a row, and the engine has no such part."))
            .ToList();
        Assert.True(
            said.Count == 0,
            $"fragments.tsv: {said.Count} rows of {family} differ from what was counted.\n{string.Join('\n', said.Take(MostSaid))}\n"
            + HowToWrite);

        string? Difference(FragmentKey key, FragmentCost cost)
        {
            if (!committed.TryGetValue(key, out var row))
            {
                return $"'{key}' has no row: {cost}.";
            }

            var differing = FragmentCost.Columns.Zip(cost.Numbers, row.Numbers).Where(c => c.Second != c.Third)
                .Select(c => $"{c.Second} {c.First}, and the table says {c.Third}").ToList();
            return differing.Count == 0 ? null : $"'{key}': {string.Join("; ", differing)}.";
        }
    }

    /// <summary>That it has rows of these families alone.</summary>
    public static void RequireFamilies(IEnumerable<string> families)
    {
        var unknown = Rows().Select(row => row.Key.Family).Distinct().Except(families).ToList();
        Assert.True(
            unknown.Count == 0,
            $"fragments.tsv has rows of {string.Join(", ", unknown)}, and there is no such family. Delete those lines.");
    }

    static string Line((FragmentKey Key, FragmentCost Cost) row) =>
        string.Join('\t', [.. row.Key.Fields, .. row.Cost.Numbers.Select(n => n.ToString(CultureInfo.InvariantCulture))]);

    static (FragmentKey Key, FragmentCost Cost) Row(string line)
    {
        var fields = line.Split('\t');
        Assert.True(
            fields.Length == FragmentKey.Columns.Length + FragmentCost.Columns.Length,
            $"fragments.tsv: '{line}' has {fields.Length} fields; the header has "
            + $"{FragmentKey.Columns.Length + FragmentCost.Columns.Length}.");
        return (FragmentKey.Parse(fields), FragmentCost.Parse(fields.AsSpan(FragmentKey.Columns.Length)));
    }
}
