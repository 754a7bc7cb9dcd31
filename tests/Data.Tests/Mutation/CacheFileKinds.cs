using OrtDpo.Data.Cache;
using OrtDpo.Data.Tests.Cache;

namespace OrtDpo.Data.Tests.Mutation;

/// <summary>Files that the product wrote itself: of a cache, and of a run without a reference.</summary>
static class CacheFileKinds
{
    const string Part = "part-1of1-00001.parquet";
    const string Manifest = "manifest-1of1.json";
    const string Rows = "data/rows.parquet";

    public static IEnumerable<FileKind> All =>
    [
        new("part of a cache", Part, [Written(Part)], folder => ReferenceCache.Open(folder)) { WriteBeside = new CacheRun().Write },
        new("manifest of a cache", Manifest, [Written(Manifest)], folder => ReferenceCache.Open(folder))
        {
            WriteBeside = new CacheRun().Write,
        },
        new("rows of a run", Rows, [Written(Rows)], folder => RunData.Find(folder)) { WriteBeside = WriteRun },
        new("ledger of a run", "ledger.json", [Written("ledger.json")], folder => RunData.Find(folder)) { WriteBeside = WriteRun },
    ];

    static byte[] Written(string file)
    {
        using var folder = new TemporaryFolder();
        new CacheRun().Write(folder.Path);
        WriteRun(folder.Path);
        return File.ReadAllBytes(folder.File(file));
    }

    static void WriteRun(string folder) => new RunData(CacheRun.Pairs(20), RunDataTests.Ledger([])).Write(folder);
}
