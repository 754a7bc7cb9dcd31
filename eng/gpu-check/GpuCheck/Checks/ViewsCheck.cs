using OrtDpo.Autodiff.Building;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>
/// Tensors that begin within others, at multiples of 4 bytes: the optimizer's scalars and norms, rows of odd widths. A kernel that reads
/// sixteen bytes at once would fault or be wrong there.
/// </summary>
sealed class ViewsCheck() : Check(12, "views at 4-byte offsets", seconds: 20)
{
    const int Scalars = 32, Length = 1001;
    const double Same = 1e-6;

    public override void Run(CheckRun run)
    {
        using var pool = new MemoryPool(run.Device);
        ScalarViews(run, pool);
        VectorViews(run, pool);
        MatrixViews(run, pool);
        Sums(run, pool);
    }

    static void ScalarViews(CheckRun run, MemoryPool pool)
    {
        using var session = new GraphSession(Scaled());
        var (x, numbers) = (Draw.Uniform(Length, 41), Draw.Uniform(Scalars, 42));
        using var vector = DeviceTensor.From<float>(pool, DataType.Float32, x, Length);
        using var scalars = DeviceTensor.From<float>(pool, DataType.Float32, numbers, Scalars);
        var right = 0;
        for (var i = 0; i < Scalars; i++)
        {
            using var scalar = scalars.Flat(i, 1);
            using var scaled = session.Run(new Dictionary<string, DeviceTensor> { ["x"] = vector, ["s"] = scalar }, pool)["y"];
            right += scaled.ToArray<float>().SequenceEqual(Array.ConvertAll(x, value => value * numbers[i])) ? 1 : 0;
        }

        run.Computed("scalars that are read right", right, $"of {Scalars}", atLeast: Scalars);
    }

    static void VectorViews(CheckRun run, MemoryPool pool)
    {
        using var session = new GraphSession(Scaled());
        var x = Draw.Uniform(4 * Length, 43);
        using var all = DeviceTensor.From<float>(pool, DataType.Float32, x, 4 * Length);
        using var target = DeviceTensor.Zeros(pool, DataType.Float32, 4 * Length);
        using var two = DeviceTensor.From<float>(pool, DataType.Float32, [2], 1);
        for (var row = 0; row < 4; row++)
        {
            // Rows of an odd width begin at every multiple of four bytes within sixteen.
            using var input = all.Flat(row * Length, Length);
            using var output = target.Flat(row * Length, Length);
            session.Run(
                new Dictionary<string, DeviceTensor> { ["x"] = input, ["s"] = two }, pool,
                new Dictionary<string, DeviceTensor> { ["y"] = output });
        }

        run.Computed(
            "vectors at odd offsets are read and written right",
            target.ToArray<float>().SequenceEqual(Array.ConvertAll(x, value => 2 * value)));
    }

    static void MatrixViews(CheckRun run, MemoryPool pool)
    {
        const int Rows = 40, Inner = 33, Columns = 25;
        var b = new GraphBuilder("product");
        using var session = new GraphSession(b.Build([("c", b.MatMul(
            b.Input("a", DataType.Float32, new Shape("M", "K")), b.Input("b", DataType.Float32, new Shape("K", "N"))))]));
        var (left, right) = (Draw.Uniform((Rows + 1) * Inner, 44), Draw.Uniform((Inner + 1) * Columns, 45));
        using var lefts = DeviceTensor.From<float>(pool, DataType.Float32, left, Rows + 1, Inner);
        using var rights = DeviceTensor.From<float>(pool, DataType.Float32, right, Inner + 1, Columns);
        using var a = lefts.Rows(1, Rows);
        using var c = rights.Rows(1, Inner);
        using var found = session.Run(new Dictionary<string, DeviceTensor> { ["a"] = a, ["b"] = c }, pool)["c"];
        run.Computed(
            "a product of matrices at odd offsets",
            Numbers.Difference(Numbers.Product(left[Inner..], right[Columns..], Rows, Inner, Columns), found.ToArray<float>()),
            atMost: Same);
    }

    // As the optimizer's norm: each sum into its place among others.
    static void Sums(CheckRun run, MemoryPool pool)
    {
        var b = new GraphBuilder("squares");
        var x = b.Input("x", DataType.Float32, new Shape("N"));
        using var session = new GraphSession(b.Build([("sum", b.ReduceSum(b.Mul(x, x), keepDims: true, 0))]));
        var numbers = Draw.Uniform(Length, 46);
        using var vector = DeviceTensor.From<float>(pool, DataType.Float32, numbers, Length);
        using var sums = DeviceTensor.Zeros(pool, DataType.Float32, Scalars);
        for (var i = 0; i < Scalars; i++)
        {
            using var sum = sums.Flat(i, 1);
            session.Run(
                new Dictionary<string, DeviceTensor> { ["x"] = vector }, pool, new Dictionary<string, DeviceTensor> { ["sum"] = sum });
        }

        var wanted = numbers.Sum(number => (double)number * number);
        run.Computed(
            "sums into places among others", Numbers.Difference([.. Enumerable.Repeat(wanted, Scalars)], sums.ToArray<float>()),
            atMost: Same);
    }

    static OnnxGraph Scaled()
    {
        var b = new GraphBuilder("scaled");
        return b.Build([("y", b.Mul(
            b.Input("x", DataType.Float32, new Shape("N")), b.Input("s", DataType.Float32, new Shape(1))))]);
    }
}
