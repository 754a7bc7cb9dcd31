using OrtDpo.Batches;
using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests;

/// <summary>How many checkpoints lie on the disk at once, and whether there is space for them.</summary>
public sealed class CheckpointSpaceTests : IDisposable
{
    const long Size = 1_000_000_000;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    // The last alone; every fourth of ten steps and the last, of which two stay and one is written.
    [InlineData(10, 100, 2, 0, 0, 1)]
    [InlineData(10, 4, 2, 0, 0, 3)]
    [InlineData(10, 1, 1, 0, 0, 2)]
    [InlineData(10, 1, 5, 0, 0, 6)]
    [InlineData(8, 4, 2, 0, 0, 2)]
    // Behind a resumed step some are there already, and the new one needs its space in any case.
    [InlineData(10, 1, 2, 6, 2, 1)]
    [InlineData(10, 1, 5, 6, 2, 4)]
    [InlineData(10, 4, 2, 8, 2, 1)]
    [InlineData(10, 4, 2, 10, 2, 0)]
    public void So_many_lie_there_at_once(int steps, int saveSteps, int kept, int startsAfter, int existing, int expected)
    {
        foreach (var step in Enumerable.Range(1, existing))
        {
            Directory.CreateDirectory(new Checkpoints(folder.Path).PathOf(step));
        }

        Assert.Equal(expected, Rehearse(steps, saveSteps, kept, startsAfter, free: null).Checkpoints);
    }

    [Fact]
    public void Too_little_space_is_refused_with_what_is_needed()
    {
        Assert.Equal(3 * Size, Rehearse(10, 4, 2, 0, free: 3 * Size).NeededBytes);
        Assert.Equal(
            $"{folder.Path}: the disk has 2.00 GB free, and checkpoints would take 3.00 GB more, 3 of 1.00 GB. "
            + "Free space, keep fewer (`SaveTotalLimit`), or choose another folder.",
            Assert.Throws<IOException>(() => Rehearse(10, 4, 2, 0, free: 2 * Size)).Message);
    }

    [Fact]
    public void What_is_free_is_known_of_a_folder_that_is_not_there_yet() =>
        Assert.True(DiskSpace.FreeFor(folder.File("a/b/c")) is null or > 0);

    Rehearsal Rehearse(int steps, int saveSteps, int kept, int startsAfter, long? free)
    {
        var options = new TrainingOptions
        {
            MaxSteps = steps, SaveSteps = saveSteps, Checkpoints = new CheckpointOptions { SaveTotalLimit = kept },
        };
        var row = new TrainingRow(["a"], Example.Unjudged([1], [2]), Reference: null, "data", 1);
        return CheckpointSpace.Require(
            new TrainRequest { Model = "m", Out = folder.Path, Threads = 1 }, new TrainingPlan(options, [row], []), startsAfter, Size,
            free);
    }
}
