using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>AdamW as graphs, with the numbers of a device, against the processor's own.</summary>
public sealed class GraphAdamWTests
{
    const int Elements = 1_003;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Updates_are_the_processor_s_on_matrices_and_on_vectors(bool decaysVectors)
    {
        OrtProcess.Start(2);
        var step = new OptimizerStep(1, 0.01f, 1, 0.5f, 0.8f, 0.95f, 1e-3f, decaysVectors);
        var (expected, actual) = (Updated(step, Device.Cpu), Updated(step, new EmulatedDevice()));
        AssertClose(expected.Matrix, actual.Matrix, Tolerances.AdamWWeights);
        AssertClose(expected.Vector, actual.Vector, Tolerances.AdamWWeights);

        // The decay is half a hundredth of numbers of size 1, far above the tolerance.
        var apart = actual.Matrix.Zip(actual.Vector, (matrix, vector) => Math.Abs(matrix - vector)).Max();
        Assert.Equal(!decaysVectors, apart > 1e-3);
    }

    // The same numbers as a matrix and as a vector.
    static (float[] Matrix, float[] Vector) Updated(OptimizerStep step, Device device)
    {
        using var pool = new MemoryPool(device);
        var random = new Random(3);
        float[] start = [.. Enumerable.Range(0, Elements).Select(_ => (2 * random.NextSingle()) - 1)];
        using var matrix = DeviceTensor.From<float>(pool, DataType.Float32, start, 17, Elements / 17);
        using var vector = DeviceTensor.From<float>(pool, DataType.Float32, start, Elements);
        using var first = new TrainedParameter("matrix", matrix, pool);
        using var second = new TrainedParameter("vector", vector, pool);
        using IOptimizer optimizer = device.IsHost
            ? new AdamW(ParameterChunk.Of([first, second]), 2)
            : new GraphAdamW([first, second], pool);
        for (var number = 1; number <= 3; number++)
        {
            float[] gradient = [.. Enumerable.Range(0, Elements).Select(_ => random.NextSingle() - 0.4f)];
            first.Gradient.Write<float>(gradient);
            second.Gradient.Write<float>(gradient);
            optimizer.Apply(step with { Number = number });
        }

        return (matrix.ToArray<float>(), vector.ToArray<float>());
    }
}
