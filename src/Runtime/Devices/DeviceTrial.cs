using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Devices;

/// <summary>
/// A first small graph on a device: that it was found does not say that its libraries load, that it has kernels, or that they are right.
/// </summary>
static class DeviceTrial
{
    // 1 + 2⁻¹²: a product that rounds its operands to ten bits, as GPUs do where they may, makes 1 of it.
    const float Narrow = 1 + (1f / 4096);

    static readonly float[] Left = [1, 2, -3, 0.5f, Narrow, 0], Right = [2, 0, 1, 1, 0, 4], Added = [0.25f, -8];

    // Left · Right = [[4, −10], [1 + Narrow, Narrow]], by hand; then the sum, and its square.
    static readonly float[] Expected =
    [
        4.25f * 4.25f, 18 * 18,
        (1.25f + Narrow) * (1.25f + Narrow), (Narrow - 8) * (Narrow - 8),
    ];

    /// <summary>
    /// Whether numbers are looked at. Tests on stub libraries, which compute nothing, and no one else, say no.
    /// </summary>
    internal static bool ChecksNumbers { get; set; } = true;

    /// <summary>Runs the graph.</summary>
    /// <exception cref="NotSupportedException">It does not run there, or its numbers are wrong.</exception>
    public static void Run(Device device)
    {
        float[] found;
        try
        {
            found = Result(device);
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or InvalidOperationException or InsufficientMemoryException)
        {
            throw new NotSupportedException(
                $"{device.Description} was found, and does not run a first small graph: {exception.Message.TrimEnd('.', '\n', ' ')}.",
                exception);
        }

        if (ChecksNumbers)
        {
            RequireRight(device, found);
        }
    }

    /// <summary>Compares what a device made of the graph with what is right.</summary>
    /// <exception cref="NotSupportedException">It is something else.</exception>
    internal static void RequireRight(Device device, ReadOnlySpan<float> found)
    {
        // Rounding of one product, sum and square: the last bit of float32.
        const float Relative = 1e-6f;
        for (var i = 0; i < Expected.Length; i++)
        {
            // NaN is not near either.
            if (!(Math.Abs(found[i] - Expected[i]) <= Relative * Math.Abs(Expected[i])))
            {
                throw new NotSupportedException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{device.Description} gives wrong numbers: {found[i]:R} in place of {Expected[i]:R} in a first small graph. ")
                    + "Its driver, its libraries or the device are at fault; nothing was computed with it.");
            }
        }
    }

    static float[] Result(Device device)
    {
        var graph = new GraphBuilder("trial");
        var left = graph.Input("left", DataType.Float32, new Shape(2, 3));
        var right = graph.Input("right", DataType.Float32, new Shape(3, 2));
        var sum = graph.Add(graph.MatMul(left, right), graph.Input("added", DataType.Float32, new Shape(2)));
        using var session = new GraphSession(graph.Build([("square", graph.Mul(sum, sum))]));
        using var pool = new MemoryPool(device);
        var inputs = new Dictionary<string, DeviceTensor>(StringComparer.Ordinal)
        {
            ["left"] = DeviceTensor.From<float>(pool, DataType.Float32, Left, 2, 3),
            ["right"] = DeviceTensor.From<float>(pool, DataType.Float32, Right, 3, 2),
            ["added"] = DeviceTensor.From<float>(pool, DataType.Float32, Added, 2),
        };
        var outputs = session.Run(inputs, pool);
        return outputs["square"].ToArray<float>();
    }
}
