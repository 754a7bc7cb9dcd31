using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Tests.Memory;

public sealed class MemoryPoolTests
{
    const int Mebibyte = 1 << 18;

    // As where a run throws between renting and giving back.
    [Fact]
    public void Blocks_that_nobody_returned_are_freed_with_the_pool()
    {
        var pool = new MemoryPool();
        HostTensor.Rent(pool, DataType.Float32, 1000).Dispose();
        var forgotten = HostTensor.Rent(pool, DataType.Float32, 300, 400);
        Assert.True(pool.Held >= 300 * 400 * sizeof(float));

        pool.Dispose();

        Assert.Equal(0, pool.Held);
        Assert.Throws<ObjectDisposedException>(() => forgotten.Span<float>().Length);
        forgotten.Dispose();
    }

    [Fact]
    public void Freed_neighbours_serve_as_one_block()
    {
        using var pool = new MemoryPool();
        var first = HostTensor.Rent(pool, DataType.Float32, Mebibyte);
        var second = HostTensor.Rent(pool, DataType.Float32, Mebibyte);
        using var last = HostTensor.Rent(pool, DataType.Float32, Mebibyte);
        var held = pool.Held;
        first.Dispose();
        second.Dispose();
        using var both = HostTensor.Rent(pool, DataType.Float32, 2, Mebibyte);
        Assert.Equal(held, pool.Held);
        both.Span<float>().Fill(1);
    }

    [Fact]
    public void What_the_last_steps_did_not_need_goes_back_to_the_system()
    {
        using var pool = new MemoryPool();
        HostTensor.Rent(pool, DataType.Float32, Mebibyte).Dispose();
        pool.EndStep(keepSteps: 1);
        Assert.True(pool.Held > 0);
        pool.EndStep(keepSteps: 1);
        Assert.Equal(0, pool.Held);
    }

    [Fact]
    public void Memory_that_went_back_can_be_had_again()
    {
        using var pool = new MemoryPool();
        for (var step = 0; step < 3; step++)
        {
            using (var tensor = HostTensor.Rent(pool, DataType.Float32, Mebibyte))
            {
                tensor.Span<float>().Fill(step);
            }

            pool.EndStep(keepSteps: 0);
        }
    }

    [Fact]
    public void A_block_is_charged_to_its_purpose_as_long_as_it_is_rented()
    {
        using var pool = new MemoryPool();
        using (HostTensor.Rent(pool, MemoryPurpose.Head, DataType.Float32, Mebibyte))
        {
            Assert.Equal(4L * Mebibyte, pool.Ledger[MemoryPurpose.Head]);
        }

        Assert.Equal(0, pool.Ledger[MemoryPurpose.Head]);
        Assert.Equal(4L * Mebibyte, pool.Ledger.AtPeak(MemoryPurpose.Head));
    }

    [Fact]
    public void A_dry_pool_places_blocks_as_a_pool_does_and_takes_no_memory()
    {
        const long Tebibyte = 1L << 40;
        using var pool = MemoryPool.Dry();
        using var large = HostTensor.Rent(pool, MemoryPurpose.Gradients, DataType.Float32, Tebibyte / sizeof(float));
        using var second = HostTensor.Rent(pool, DataType.Float32, Mebibyte);
        second.Write<float>(new float[Mebibyte]);
        Assert.All(second.ToArray<float>(), x => Assert.Equal(0, x));
        Assert.Throws<InvalidOperationException>(() => second.Pointer);
        Assert.Equal(Tebibyte + (4L * Mebibyte), pool.Held);
    }
}
