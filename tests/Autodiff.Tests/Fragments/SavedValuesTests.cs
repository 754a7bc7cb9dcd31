using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;

namespace OrtDpo.Autodiff.Tests.Fragments;

public sealed class SavedValuesTests
{
    [Fact]
    public void Results_that_are_dear_to_compute_are_saved_and_those_of_one_pass_are_not()
    {
        // y = tanh(x W) · x: the tanh is saved; the product is not needed.
        var gradient = Gradient((b, x, w) => b.Mul(b.Add("Tanh", [b.MatMul(x, w)]), x));
        Assert.Equal("forward/Tanh.0", Assert.Single(gradient.Saved));
    }

    [Fact]
    public void A_value_whose_size_only_running_tells_is_computed_again()
    {
        // Every second row of tanh(x W): the rows that are taken have no size that the inputs tell, and nobody can hold memory for them.
        var gradient = Gradient((b, x, w) =>
        {
            var rows = b.Add("Slice", [b.MatMul(x, w), b.Int64s(0), b.Int64s(long.MaxValue), b.Int64s(0), b.Int64s(2)]);
            return b.ReduceSum(b.Add("Tanh", [rows]), keepDims: false, 0);
        });
        Assert.Equal("forward/MatMul.0", Assert.Single(gradient.Saved));
    }

    [Fact]
    public void Nothing_is_saved_for_its_size_alone()
    {
        // The mean over the rows of (x W)²: its gradient repeats a row S times, and S is the input's, too.
        var gradient = Gradient((b, x, w) =>
            b.ReduceMean(b.Add("Pow", [b.MatMul(x, w), b.Scalar(2, DataType.Float32)]), keepDims: false, 0));
        Assert.Equal("forward/MatMul.0", Assert.Single(gradient.Saved));
    }

    static FragmentGradient Gradient(Func<GraphBuilder, Value, Value, Value> write)
    {
        var b = new GraphBuilder("fragment");
        var x = b.Input("x", DataType.Float32, new Shape("S", 4));
        var y = write(b, x, b.Input("w", DataType.Float32, new Shape(4, 4)));
        return FragmentGradient.Build(b.Build([("y", y)]), seeds: ["y"], wanted: ["x"], trained: ["w"], keep: true);
    }
}
