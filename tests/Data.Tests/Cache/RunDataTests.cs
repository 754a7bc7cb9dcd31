using OrtDpo.Batches;
using OrtDpo.Data.Cache;
using OrtDpo.Runs;

namespace OrtDpo.Data.Tests.Cache;

public sealed class RunDataTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rows_are_read_back_as_they_were_written(bool pairs)
    {
        PreparedExample[] rows = [.. CacheRun.Pairs(20).Select(
            p => pairs ? p : p with { Tokens = Example.Unjudged(p.Tokens.Prompt, p.Tokens.Completions[0]) })];
        new RunData(rows, Ledger([])).Write(folder.Path);
        var found = RunData.Find(folder.Path)!.Rows;
        Assert.Equivalent(rows, found, strict: true);
    }

    [Fact]
    public void Damaged_rows_are_refused_by_file_name_or_read()
    {
        new RunData(CacheRun.Pairs(20), Ledger([])).Write(folder.Path);
        var path = folder.File(Path.Combine("data", "rows.parquet"));
        var whole = File.ReadAllBytes(path);
        for (var at = 0; at < whole.Length; at += 41)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x41;
            File.WriteAllBytes(path, damaged);
            try
            {
                RunData.Find(folder.Path);
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_folder_without_data_has_none() => Assert.Null(RunData.Find(folder.Path));

    [Fact]
    public void Changed_or_other_files_are_refused_and_lost_ones_are_not_needed()
    {
        var path = folder.Write("a.jsonl", "one");
        var data = new RunData(CacheRun.Pairs(2), Ledger([new LedgerSource("a.jsonl", FileDigest.OfFile(path), 1)]));
        var sources = DataSource.FromPaths([path]);
        data.RequireSources("run", sources);
        Refused(
            DataSource.FromPaths([folder.Write("b.jsonl", "one")]),
            "run was started with the data a.jsonl, and this command has b.jsonl.");
        File.WriteAllText(path, "two");
        Refused(sources, "a.jsonl has changed since run was started with it.");
        File.Delete(path);
        data.RequireSources("run", sources);

        void Refused(IReadOnlyList<DataSource> other, string message) =>
            Assert.Contains(
                message, Assert.Throws<InvalidDataException>(() => data.RequireSources("run", other)).Message, StringComparison.Ordinal);
    }

    internal static Ledger Ledger(IReadOnlyList<LedgerSource> sources)
    {
        var none = LengthSummary.Of([]);
        return new Ledger
        {
            Sources = sources, Input = 0, KeptWhole = 0, KeptTruncated = 0, Dropped = 0,
            OtherShards = 0, Train = 0, Eval = 0, LeakedEval = 0, Boundary = 0,
            Desirable = null, IdenticalCompletions = 0, EosShare = 0, PromptTokens = none, ChosenTokens = none, RejectedTokens = none,
            DroppedRows = new Dictionary<DropReason, IReadOnlyList<string>>(), TruncatedRows = [],
        };
    }
}
