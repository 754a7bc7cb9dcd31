using OrtDpo.Data.Cache;
using OrtDpo.Runs;

namespace OrtDpo.Data.Tests.Cache;

public sealed class CacheCrashTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly Dictionary<string, string> uninterrupted;

    public CacheCrashTests()
    {
        new CacheRun().Write(folder.File("uninterrupted"));
        uninterrupted = CacheRun.Bytes(folder.File("uninterrupted"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_that_died_at_any_file_operation_continues_to_the_same_bytes()
    {
        var points = Points(folder.File("counted"));
        Assert.True(points > 40, $"Only {points} points were passed.");
        for (var point = 1; point <= points; point++)
        {
            var path = folder.File($"crash-{point}");
            Assert.Throws<Died>(() => WriteDyingAt(path, point));
            Assert.False(IsReadable(path) && point < points - 1, $"A cache that died at point {point} of {points} was read as complete.");
            new CacheRun().Write(path);
            Assert.Equal(uninterrupted, CacheRun.Bytes(path));
        }
    }

    [Fact]
    public void A_run_that_died_twice_continues_to_the_same_bytes()
    {
        for (var first = 3; first < 40; first += 9)
        {
            for (var second = 1; second < 12; second += 3)
            {
                var path = folder.File($"crash-{first}-{second}");
                Assert.Throws<Died>(() => WriteDyingAt(path, first));
                Assert.Throws<Died>(() => WriteDyingAt(path, second));
                new CacheRun().Write(path);
                Assert.Equal(uninterrupted, CacheRun.Bytes(path));
            }
        }
    }

    [Fact]
    public void A_run_that_died_while_scoring_continues_to_the_same_bytes()
    {
        for (var batch = 1; batch <= new CacheRun().Plan.Batches.Count + 1; batch++)
        {
            var path = folder.File($"crash-{batch}");
            var calls = 0;
            Assert.Throws<Died>(() => new CacheRun { Scorer = b => ++calls == batch ? throw new Died() : CacheRun.Score(b) }.Write(path));
            new CacheRun().Write(path);
            Assert.Equal(uninterrupted, CacheRun.Bytes(path));
        }
    }

    static int Points(string path)
    {
        var count = 0;
        CrashPoint.Watch(_ => count++);
        new CacheRun().Write(path);
        CrashPoint.Watch(null);
        return count;
    }

    static void WriteDyingAt(string path, int point)
    {
        var count = 0;
        CrashPoint.Watch(_ =>
        {
            if (++count == point)
            {
                throw new Died();
            }
        });
        try
        {
            new CacheRun().Write(path);
        }
        finally
        {
            CrashPoint.Watch(null);
        }
    }

    static bool IsReadable(string path)
    {
        try
        {
            ReferenceCache.Open(path);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    sealed class Died : Exception;
}
