using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Tests.Memory;

public sealed class MemoryPoolTests
{
    // As where a run throws between renting and giving back.
    [Fact]
    public void Blocks_that_nobody_returned_are_freed_with_the_pool()
    {
        var pool = new MemoryPool();
        NativeTensor.Rent(pool, DataType.Float32, 1000).Dispose();
        var forgotten = NativeTensor.Rent(pool, DataType.Float32, 300, 400);
        Assert.True(pool.Held >= 300 * 400 * sizeof(float));

        pool.Dispose();

        Assert.Equal(0, pool.Held);
        Assert.Throws<ObjectDisposedException>(() => forgotten.Span<float>().Length);
        forgotten.Dispose();
    }

    [Fact]
    public void A_block_serves_again_what_nearly_fills_it()
    {
        using var pool = new MemoryPool();
        NativeTensor.Rent(pool, DataType.Float32, 1000).Dispose();
        var held = pool.Held;
        using (NativeTensor.Rent(pool, DataType.Float32, 900))
        {
            Assert.Equal(held, pool.Held);
        }

        using var small = NativeTensor.Rent(pool, DataType.Float32, 100);
        Assert.True(pool.Held > held);
    }

    [Fact]
    public void What_lies_free_for_several_steps_goes_back_to_the_system()
    {
        using var pool = new MemoryPool();
        NativeTensor.Rent(pool, DataType.Float32, 1000).Dispose();
        pool.EndStep(keepSteps: 1);
        Assert.True(pool.Held > 0);
        pool.EndStep(keepSteps: 1);
        Assert.Equal(0, pool.Held);
    }
}
