using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.FakeCuda.Tests.Provider;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.FakeCuda.Tests.Kernels;

public sealed class KernelTableTests
{
    const string Write = "ORTDPO_WRITE_KERNEL_TABLE";

    [Fact]
    public void The_committed_table_is_what_the_provider_runs()
    {
        FakeCudaDevice.Require();
        var stream = CudaRuntime.NewStream();
        FakeCudaDevice.AllowStream(stream);
        var refusals = new List<string>();
        var text = KernelTable.Text(
            [.. KernelCases.All.Select(row => (row, (IEnumerable<DataType>)[.. KernelCases.Types.Where(type => Runs(row, type))]))]);
        CudaRuntime.Check(CudaRuntime.cudaStreamDestroy(stream));
        foreach (var refusal in refusals)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(refusal);
        }

        if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
        {
            File.WriteAllText(KernelTable.Path, text);
        }

        Assert.Equal(File.ReadAllText(KernelTable.Path), text);

        bool Runs(KernelCase row, DataType type)
        {
            try
            {
                foreach (var model in row.Models(type))
                {
                    model.Run(stream);
                }

                return true;
            }
            catch (OnnxRuntimeException refusal)
            {
                refusals.Add($"{row} {type}: {refusal.Message.ReplaceLineEndings(" ")}");
                return false;
            }
        }
    }

    [Fact]
    public void The_table_has_every_operator_that_a_graph_can_hold()
    {
        // The message that refuses an unknown operator lists the known ones.
        var refusal = Assert.Throws<NotSupportedException>(() => new GraphBuilder("empty").Add("Unknown", []));
        var known = refusal.Message[(refusal.Message.IndexOf("operators: ", StringComparison.Ordinal) + "operators: ".Length)..]
            .TrimEnd('.').Split(", ").Where(op => !op.StartsWith(Op.Composite + ".", StringComparison.Ordinal)).ToHashSet();
        Assert.Contains("MatMul", known);
        Assert.Empty(known.Except(KernelCases.All.Select(row => row.Op.ToString())));
    }
}
