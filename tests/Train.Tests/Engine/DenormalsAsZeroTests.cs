using System.Runtime.CompilerServices;
using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Train.Tests.Engine;

public sealed class DenormalsAsZeroTests
{
    // The least normal float32, 2^-126; its half is a denormal number.
    const float Least = 1.17549435e-38f;

    [Fact]
    public void Numbers_below_the_least_normal_one_are_zero_while_it_is_held_and_come_back_behind_it()
    {
        RequireSupport();
        Assert.Equal(Least / 2, Halved(Least));
        using (DenormalsAsZero.Enter())
        {
            Assert.Equal(0, Halved(Least));
            Assert.Equal(Least, Halved(2 * Least));
            using (DenormalsAsZero.Enter())
            {
                Assert.Equal(0, Halved(Least));
            }

            Assert.Equal(0, Halved(Least));
            Assert.Equal(Least / 2, OnAnotherThread(() => Halved(Least)));
        }

        Assert.Equal(Least / 2, Halved(Least));
    }

    [Fact]
    public void They_come_back_where_what_ran_has_failed()
    {
        RequireSupport();
        Assert.Throws<InvalidOperationException>(Fail);
        Assert.Equal(Least / 2, Halved(Least));

        static void Fail()
        {
            using var denormals = DenormalsAsZero.Enter();
            throw new InvalidOperationException();
        }
    }

    // So many elements that every thread of the pool has its part; a thread that kept denormal numbers would show as a span of them.
    [Fact]
    public void Graphs_take_them_as_zero_on_all_threads_and_managed_code_does_not()
    {
        RequireSupport();
        OrtProcess.Start(threads: 2);
        var b = new GraphBuilder("halves");
        var x = b.Input("x", DataType.Float32, new Shape("N"));
        using var session = new GraphSession(b.Build([("y", b.Mul(x, b.Scalar(0.5, DataType.Float32)))]));
        using var pool = new MemoryPool();
        using var input = HostTensor.From<float>(pool, DataType.Float32, [.. Enumerable.Repeat(Least, 1 << 20)], 1 << 20);
        for (var run = 0; run < 20; run++)
        {
            using var output = session.Run(new Dictionary<string, DeviceTensor> { ["x"] = input }, pool)["y"];
            Assert.Equal(-1, output.Span<float>().IndexOfAnyExcept(0));
            Assert.Equal(Least / 2, Halved(Least));
        }
    }

    static void RequireSupport() => Assert.SkipUnless(
        DenormalsAsZero.IsSupported, "Denormal numbers are left as they are on this system: it is not Linux on x86-64 with glibc.");

    // Not inlined, or the compiler would know the result.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static float Halved(float value) => value * 0.5f;

    static float OnAnotherThread(Func<float> value)
    {
        var result = float.NaN;
        var thread = new Thread(() => result = value());
        thread.Start();
        thread.Join();
        return result;
    }
}
