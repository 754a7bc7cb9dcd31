using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.FakeCuda.Tests.Kernels;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.FakeCuda.Tests.Provider;

public sealed class SessionAllocatorTests : IDisposable
{
    // Rows · width and rows · inner of the small model.
    const long Narrow = 32 * 64 * sizeof(float), Wide = 32 * 128 * sizeof(float);

    readonly nint stream;

    public SessionAllocatorTests()
    {
        FakeCudaDevice.Require();
        BlockAllocator.Require();
        stream = CudaRuntime.NewStream();
        FakeCudaDevice.Reset();
    }

    [Fact]
    public void Sessions_that_share_it_ask_it_for_everything()
    {
        using (var session = CudaSession.Open(SmallModel.Bytes, stream, sharesAllocators: true))
        {
            // The vector that is part of the model, and nothing that the provider allocates but one byte, as a trial, freed at once.
            Assert.Equal([64 * sizeof(float)], BlockAllocator.Requests);
            Assert.Equal(64 * sizeof(float), BlockAllocator.LentBytes);
            Assert.InRange(FakeCudaDevice.Counters.Allocations, 0, 1);

            BlockAllocator.Requests.Clear();
            FakeCudaDevice.Reset();
            var peak = FakeCudaDevice.Counters.UsedBytes;
            RunSmallModel(session);
            Assert.Contains(Wide, BlockAllocator.Requests);
            Assert.Contains(Narrow, BlockAllocator.Requests);
            Assert.Equal(64 * sizeof(float), BlockAllocator.LentBytes);
            Assert.Equal(peak + SmallModelTensors, FakeCudaDevice.Peak);
        }

        Assert.Equal(0, BlockAllocator.LentBytes);
    }

    [Fact]
    public void Sessions_that_do_not_share_it_have_an_arena()
    {
        using var session = CudaSession.Open(SmallModel.Bytes, stream);
        var before = FakeCudaDevice.Counters.UsedBytes;
        RunSmallModel(session);
        Assert.Empty(BlockAllocator.Requests);
        Assert.True(FakeCudaDevice.Counters.UsedBytes > before, "The arena did not grow.");
    }

    [Fact]
    public void Kernels_take_their_scratch_from_it()
    {
        using var session = CudaSession.Open(Bnb4.ToBytes(), stream, sharesAllocators: true);
        RunBnb4(session);
        // The dequantised matrix and the table of the sixteen values.
        Assert.Contains(64 * 64 * sizeof(float), BlockAllocator.Requests);
        Assert.Contains(16 * sizeof(float), BlockAllocator.Requests);
        Assert.Equal(0, BlockAllocator.LentBytes);
    }

    [Fact]
    public void A_refused_temporary_goes_unnoticed_so_none_may_be_refused()
    {
        using var session = CudaSession.Open(SmallModel.Bytes, stream, sharesAllocators: true);
        BlockAllocator.Largest = Wide - 1;
        // Products and softmax get no address for what they write: on a GPU, an illegal access that ends the process's use of it.
        RunSmallModel(session);
        Assert.Contains(Wide, BlockAllocator.Requests);
    }

    [Fact]
    public void Refused_scratch_ends_the_run()
    {
        using var session = CudaSession.Open(Bnb4.ToBytes(), stream, sharesAllocators: true);
        BlockAllocator.Largest = (64 * 64 * sizeof(float)) - 1;
        var refusal = Assert.Throws<OnnxRuntimeException>(() => RunBnb4(session));
        Assert.Contains("Memory allocation failed. Size=16384", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, BlockAllocator.LentBytes);
    }

    public void Dispose() => CudaRuntime.Check(CudaRuntime.cudaStreamDestroy(stream));

    static OneOperatorModel Bnb4 => KernelCases.All.Single(row => row.Name == "MatMulBnb4").Models(DataType.Float32).Single();

    // The output and the four inputs; all sizes are multiples of the unit of 512 bytes but for the scale's 256.
    static long SmallModelTensors => Narrow + Narrow + 512 + (2 * 64 * 128 * sizeof(float));

    static void RunSmallModel(InferenceSession session)
    {
        using var options = CudaSession.Unsynchronised();
        using var output = SmallModel.NewOutput();
        var inputs = SmallModel.NewInputs();
        session.Run(options, SmallModel.InputNames, [.. inputs.Select(t => t.Value)], SmallModel.OutputNames, [output.Value]);
        foreach (var input in inputs)
        {
            input.Dispose();
        }
    }

    static void RunBnb4(InferenceSession session)
    {
        using var options = CudaSession.Unsynchronised();
        using var x = new CudaTensor(DataType.Float32, 3, 64);
        using var codes = new CudaTensor(DataType.UInt8, 64 * 64 / 2);
        using var scales = new CudaTensor(DataType.Float32, 64);
        using var y = new CudaTensor(DataType.Float32, 3, 64);
        session.Run(options, ["x0", "x1", "x2"], [x.Value, codes.Value, scales.Value], ["y"], [y.Value]);
    }
}
