using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Tests.Memory;

public sealed class AddressSpaceTests
{
    const long Alignment = 64;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Blocks_never_overlap_and_what_is_freed_becomes_one_hole(int seed)
    {
        var space = new AddressSpace(Alignment);
        var random = new Random(seed);
        var used = new SortedDictionary<long, long>();
        for (var i = 0; i < 20_000; i++)
        {
            if (used.Count == 0 || random.Next(100) < 52)
            {
                var size = random.Next(1, 5_000);
                var start = space.Place(size);
                Assert.Equal(0, start % Alignment);
                used.Add(start, size);
            }
            else
            {
                var start = used.ElementAt(random.Next(used.Count)).Key;
                Assert.True(space.Free(start) >= used[start]);
                used.Remove(start);
            }
        }

        var end = 0L;
        foreach (var (start, size) in used)
        {
            Assert.True(start >= end);
            end = start + size;
        }

        Assert.True(space.End >= end);
        var most = space.End;
        foreach (var start in used.Keys.ToList())
        {
            space.Free(start);
        }

        Assert.Equal(0, space.InUse);
        Assert.Equal(0, space.Place(most));
        Assert.Equal(most, space.End);
    }

    [Fact]
    public void The_smallest_hole_that_is_large_enough_is_taken()
    {
        var space = new AddressSpace(Alignment);
        long[] starts = [.. new[] { 1000, 64, 500, 64, 800, 64 }.Select(size => space.Place(size))];
        space.Free(starts[0]);
        space.Free(starts[2]);
        space.Free(starts[4]);
        Assert.Equal(starts[4], space.Place(700));
        Assert.Equal(starts[2], space.Place(400));
    }

    [Fact]
    public void A_block_is_freed_once()
    {
        var space = new AddressSpace(Alignment);
        var start = space.Place(100);
        Assert.Equal(128, space.Free(start));
        Assert.Equal(0, space.Free(start));
    }
}
