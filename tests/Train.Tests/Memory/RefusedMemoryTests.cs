using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Train.Tests.Devices;

namespace OrtDpo.Train.Tests.Memory;

/// <summary>What ONNX Runtime asks for while a session runs on the processor, and does not get.</summary>
[Trait("Speed", "native")]
public sealed class RefusedMemoryTests
{
    /// <summary>ONNX Runtime writes to whatever it gets: at address 0 that would be the end of the process.</summary>
    [Fact]
    public void A_session_without_the_memory_that_it_asks_for_throws_and_the_next_one_runs()
    {
        GuardedDevice.Require();
        OrtProcess.Start(2);
        const int Count = 1 << 20;
        var b = new GraphBuilder("squares");
        var x = b.Input("x", DataType.Float32, new Shape("N"));
        // The squares are no output: the session asks for their memory itself.
        using var session = new GraphSession(b.Build([("sum", b.ReduceSum(b.Mul(x, x), keepDims: false, 0))]));
        using (var pool = new MemoryPool(new GuardedDevice { MostBytes = (Count * sizeof(float)) + (1 << 20) }))
        {
            using var numbers = DeviceTensor.Zeros(pool, DataType.Float32, Count);
            var error = Assert.Throws<InsufficientMemoryException>(() => Run(numbers, pool));
            Assert.Contains("more of memory", error.Message, StringComparison.Ordinal);
            using var few = DeviceTensor.From<float>(pool, DataType.Float32, [3, 4], 2);
            Assert.Equal([25f], Run(few, pool));
        }

        float[] Run(DeviceTensor input, MemoryPool pool)
        {
            using var sum = session.Run(new Dictionary<string, DeviceTensor> { ["x"] = input }, pool)["sum"];
            return sum.ToArray<float>();
        }
    }
}
