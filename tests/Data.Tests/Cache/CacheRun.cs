using OrtDpo.Batches;
using OrtDpo.Data.Cache;

namespace OrtDpo.Data.Tests.Cache;

/// <summary>Writes a small cache with a scorer that needs no model.</summary>
sealed class CacheRun
{
    public static readonly CacheContract Contract = new(new string('a', 64), CacheContract.CurrentScoringVersion, "fp32");

    public static readonly CacheIdentity Identity = new()
    {
        ContractDigest = Contract.Digest(),
        ReferenceDigest = Contract.ReferenceDigest,
        ScoringVersion = Contract.ScoringVersion,
        Dtype = Contract.Dtype,
        TokenizerDigest = new string('b', 64),
        TemplateDigest = null,
        TruncationDigest = ExampleEncoder.TruncationDigest(64),
        MaxLength = 64,
    };

    public static readonly ScoringEnvironment Environment = new("1.29.0", "cpu", 2);

    /// <summary>Pairs of lengths 3 to 23; every seventh has the tokens of the one before it.</summary>
    public static IReadOnlyList<PreparedExample> Pairs(int count) => [.. Enumerable.Range(0, count).Select(i =>
    {
        var n = i % 7 == 6 ? i - 1 : i;
        var tokens = Example.Pair(Ids(n, 1 + (n % 5)), Ids(n + 100, 1 + (n % 9)), Ids(n + 200, 1 + (n % 4)));
        return new PreparedExample("data.jsonl", i + 1, n % 5 == 0 ? Split.Eval : Split.Train, tokens);
    })];

    public Shard Shard { get; init; } = Shard.Whole;

    public CacheIdentity Made { get; init; } = Identity;

    public ScoringEnvironment On { get; init; } = Environment;

    public IReadOnlyList<PreparedExample> Rows { get; init; } = Pairs(30);

    public Func<PackedBatch, float[]> Scorer { get; init; } = Score;

    /// <summary>A token's score depends on its id and its place alone, as if rows did not know of each other.</summary>
    public static float[] Score(PackedBatch batch) => [.. batch.CompletionIds.Select((id, i) =>
        batch.CompletionMask[i] * -(0.1f + (0.37f * (id % 13)) + (0.011f * (i % batch.CompletionWidth))))];

    public string DataDigest { get; init; } = new('d', 64);

    /// <summary>The names of held-out sets by file; null: none has one.</summary>
    public SortedDictionary<string, string>? Sets { get; init; }

    public IReadOnlyList<string> Reuse { get; init; } = [];

    public ShardIdentity Identified => new(Shard, Made, DataDigest) { EvalSets = Sets };

    public KnownScores Known =>
        Reuse.Count == 0 ? KnownScores.None : KnownScores.Read(Reuse, Made, WantedScores.Of(Rows, Made.ContractDigest));

    public ScoringPlan Plan => PlanWith(KnownScores.None);

    /// <summary>One whole run, as a user would start it again and again.</summary>
    public void Write(string folder)
    {
        var known = Known;
        using var writer = Begin(folder, PlanWith(known), known);
        writer.Finish(() => (new FakeScorer(Scorer), On), _ => { });
    }

    /// <summary>A writer that has scored nothing yet.</summary>
    public CacheWriter Begin(string folder) => Begin(folder, Plan, KnownScores.None);

    CacheWriter Begin(string folder, ScoringPlan plan, KnownScores known) =>
        CacheWriter.Begin(folder, Identified, plan, known, new { rows = Rows.Count });

    ScoringPlan PlanWith(KnownScores known) => ScoringPlan.Make(Rows, Made, known, batchTokens: 48, partBatches: 2);

    public static Dictionary<string, string> Bytes(string folder) =>
        Directory.EnumerateFiles(folder).ToDictionary(f => Path.GetFileName(f), f => Convert.ToHexString(File.ReadAllBytes(f)));

    static int[] Ids(int seed, int count) => [.. Enumerable.Range(0, count).Select(i => 3 + (((seed * 31) + (i * 17)) % 45))];
}
