using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.FakeCuda.Tests.Provider;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.FakeCuda.Tests.Kernels;

/// <summary>Which reductions run without cuDNN depends on their axes, which the table of kernels does not tell.</summary>
public sealed class ReductionTests
{
    static readonly long[][] EdgeAxes = [[0], [0, 1], [2], [1, 2], [-1], [0, 1, 2]];
    static readonly long[][] InnerAxes = [[1], [0, 2]];

    public ReductionTests() => FakeCudaDevice.Require();

    [Fact]
    public void Sums_run_over_any_axes()
    {
        foreach (var axes in EdgeAxes.Concat(InnerAxes))
        {
            Assert.All([DataType.Float32, DataType.BFloat16, DataType.Int64], type => Assert.Null(Refusal("ReduceSum", type, axes)));
        }
    }

    [Theory]
    [InlineData("ReduceMean")]
    [InlineData("ReduceSumSquare")]
    public void Means_and_sums_of_squares_run_over_the_first_and_the_last_axes(string op)
    {
        Assert.All(EdgeAxes, axes => Assert.Null(Refusal(op, DataType.Float32, axes)));
        Assert.All(EdgeAxes, axes => Assert.Null(Refusal(op, DataType.BFloat16, axes)));
        Assert.All(InnerAxes, axes => NeedsCuDnn(op, axes));
    }

    [Theory]
    [InlineData("ReduceMax")]
    [InlineData("ReduceMin")]
    [InlineData("ReduceL2")]
    [InlineData("ReduceLogSumExp")]
    public void Others_need_cuDNN(string op) => Assert.All(EdgeAxes, axes => NeedsCuDnn(op, axes));

    static void NeedsCuDnn(string op, long[] axes) =>
        Assert.Contains("cuDNN is unavailable", Refusal(op, DataType.Float32, axes), StringComparison.Ordinal);

    static string? Refusal(string op, DataType type, long[] axes)
    {
        var stream = CudaRuntime.NewStream();
        try
        {
            new OneOperatorModel(op, type).X(2, 4, 8).Int64s(axes).Run(stream);
            return null;
        }
        catch (OnnxRuntimeException refusal)
        {
            return refusal.Message;
        }
        finally
        {
            CudaRuntime.Check(CudaRuntime.cudaStreamDestroy(stream));
        }
    }
}
