using OrtDpo.Runtime.Memory;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.CudaEngine.Tests.Fragments;

/// <summary>Counts what calls ask of the stub device, whose memory is a pool's.</summary>
sealed class CostMeter(MemoryPool pool)
{
    /// <summary>
    /// What <paramref name="call"/> asks for. Nothing fails, nothing is asked of another stream than the engine's, and what comes from or
    /// goes to the host is in pinned memory: a node on the CPU would have its numbers in other.
    /// </summary>
    public FragmentCost Of(Action call)
    {
        var ledger = pool.Ledger;
        var before = ledger.Peak;
        // The ledger keeps its peak for good. Filled up to it, whatever comes on top shows.
        var filling = before - Enum.GetValues<MemoryPurpose>().Sum(purpose => ledger[purpose]);
        ledger.Charge(MemoryPurpose.Staging, filling);
        FakeCudaDevice.Reset();
        call();
        var counted = FakeCudaDevice.Counters;
        ledger.Charge(MemoryPurpose.Staging, -filling);
        Assert.Equal((0, 0), (counted.ForeignStreamOperations, counted.Failures));
        Assert.Equal((0, 0), (counted.PageableCopies, counted.BlockingCopies));
        return FragmentCost.Of(counted, ledger.Peak - before);
    }
}
