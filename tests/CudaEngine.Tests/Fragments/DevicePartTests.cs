using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Testing.FakeCuda;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.CudaEngine.Tests.Fragments;

/// <summary>The parts of the engine that are the same for every model: AdamW over slices, and the adder of rows.</summary>
public sealed class DevicePartTests
{
    internal const string Family = "any";

    // Elements that AdamW takes at once.
    const long Slice = 8 << 20;

    [Fact]
    public void The_table_says_what_optimizer_and_row_adder_take()
    {
        var device = CudaOptions.Require().Device;
        OrtProcess.Start(CudaOptions.Threads);
        // Slices are tens of megabytes.
        FakeCudaDevice.MoveNoBytes();
        using var pool = new MemoryPool(device);
        var meter = new CostMeter(pool);
        var counted = new List<(FragmentKey, FragmentCost)>();
        foreach (var compute in new[] { ComputeDtype.Float32, ComputeDtype.BFloat16 })
        {
            Add("optimizer, 1 slice", compute, "step", Optimizer(compute, Slice, pool, meter));
            Add("optimizer, 2 slices", compute, "step", Optimizer(compute, Slice + 8, pool, meter));
        }

        Add("row adder, 1 slice", ComputeDtype.Float32, "add", Rows(28, pool, meter));
        Add("row adder, 3 slices", ComputeDtype.Float32, "add", Rows(3_000, pool, meter));
        FragmentTable.Require(Family, counted);

        void Add(string fragment, ComputeDtype compute, string pass, FragmentCost cost) =>
            counted.Add((new(Family, "trained", FragmentKey.Name(compute), "none", fragment, pass), cost));
    }

    static FragmentCost Optimizer(ComputeDtype compute, long elements, MemoryPool pool, CostMeter meter)
    {
        using var weight = DeviceTensor.Rent(pool, DataType.Float32, elements / 8, 8);
        using var copy = compute == ComputeDtype.Float32 ? null : DeviceTensor.Rent(pool, compute.ElementType(), elements / 8, 8);
        using var parameter = new TrainedParameter("weight", weight, pool, copy: copy);
        using var adamW = new GraphAdamW([parameter], pool);
        adamW.Apply(new OptimizerStep(Number: 1, LearningRate: 1e-3f, MaxGradNorm: 1, WeightDecay: 0.01f));
        return meter.Of(() => adamW.Apply(new OptimizerStep(Number: 2, LearningRate: 1e-3f, MaxGradNorm: 1, WeightDecay: 0.01f)));
    }

    static FragmentCost Rows(int count, MemoryPool pool, CostMeter meter)
    {
        const int Lines = 100, Width = 64;
        using var target = DeviceTensor.Zeros(pool, DataType.Float32, Lines, Width);
        long[] numbers = [.. Enumerable.Range(0, count).Select(i => (long)i % Lines)];
        using var indices = DeviceTensor.From<long>(pool, DataType.Int64, numbers, count);
        using var rows = DeviceTensor.Zeros(pool, DataType.Float32, count, Width);
        using var adder = Runtime.Rows.RowAdder.Of(pool.Device);
        adder.Add(target, indices, rows, pool);
        return meter.Of(() => adder.Add(target, indices, rows, pool));
    }
}
