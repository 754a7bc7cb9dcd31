using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Autodiff.Precision;
using OrtDpo.FakeCuda.Tests.Provider;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.FakeCuda.Tests.Graphs;

/// <summary>
/// The graphs of every family load and run on the shipped provider in float32 and in bfloat16, where no node but those of sizes falls back
/// to the CPU, so that nothing is copied to or from the host, nothing waits and nothing runs on another stream.
/// </summary>
public sealed class FamilyGraphsTests : IDisposable
{
    static readonly Dictionary<string, long> Sizes = new() { ["B"] = 2, ["S"] = 8, ["R"] = 4, ["T"] = 3 };

    readonly nint stream;

    public FamilyGraphsTests()
    {
        FakeCudaDevice.Require();
        stream = CudaRuntime.NewStream();
        FakeCudaDevice.AllowStream(stream);
    }

    public static TheoryData<string, DataType> Cases
    {
        get
        {
            var cases = new TheoryData<string, DataType>();
            foreach (var config in Directory.GetFiles(Folder(), "config.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                var family = Path.GetFileName(Path.GetDirectoryName(config))!;
                cases.Add(family, DataType.Float32);
                cases.Add(family, DataType.BFloat16);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_and_backward_run_on_the_device_alone(string family, DataType compute)
    {
        var model = ModelFamilies.Read(Path.Combine(Folder(), family), DataType.Float32);
        foreach (var (fragment, seeds, wanted, adapters) in Fragments(model))
        {
            var pass = new PrecisionPass(compute, adapters);
            // Everything trains and is computed again, or the base is frozen and what is dear is kept.
            foreach (var keep in new[] { false, true })
            {
                var trained = adapters.Length > 0 ? adapters : keep ? [] : fragment.ParameterNames.Keys;
                var gradient = pass.Of(FragmentGradient.Build(fragment.Graph, seeds, wanted, trained, keep));
                Run(gradient.Forward);
                Run(gradient.Backward);
            }
        }
    }

    public void Dispose() => CudaRuntime.Check(CudaRuntime.cudaStreamDestroy(stream));

    static string Folder() => Repository.Find("tests", "golden", "families");

    static IEnumerable<(Fragment Fragment, string[] Seeds, string[] Wanted, string[] Adapters)> Fragments(DecoderModel model)
    {
        string[] hidden = [FragmentPorts.Hidden];
        yield return (model.Embed(), hidden, [], []);
        foreach (var layer in model.Layers().DistinctBy(l => l.Graph))
        {
            yield return (layer, [FragmentPorts.HiddenOut], hidden, []);
            var cut = AttentionCut.Of(layer)!;
            yield return (cut.Before, [AttentionCut.Query, AttentionCut.Key, AttentionCut.Value], hidden, []);
            yield return (cut.After, [FragmentPorts.HiddenOut], [FragmentPorts.Hidden, AttentionCut.Read], []);

            var terms = LinearProduct.In(layer).ToDictionary(p => p.Weight, _ => new LowRankTerm(4, 2), StringComparer.Ordinal);
            string[] adapters = [.. terms.Keys.SelectMany(w => new[] { LowRankTerm.A(w), LowRankTerm.B(w) })];
            yield return (layer with { Graph = LowRankTerm.AddTo(layer, terms) }, [FragmentPorts.HiddenOut], hidden, adapters);
        }

        yield return (model.Head(), [FragmentPorts.TokenLogps], hidden, []);
        yield return (VocabularyCut.Of(model.Head())!.Rows, [VocabularyCut.RowsOutput], hidden, []);
    }

    void Run(OnnxGraph graph)
    {
        // Of an embedding whose table is frozen nothing is left.
        if (graph.Outputs.Count == 0)
        {
            return;
        }

        var lowered = graph.Lower(LoweringKind.Cuda);
        using var session = CudaSession.Open(OnnxModelWriter.ToBytes(lowered), stream, fallsBack: true);
        using var options = CudaSession.Unsynchronised();
        var inputs = Tensors(lowered.Inputs);
        var outputs = Tensors(lowered.Outputs);
        Run();
        FakeCudaDevice.Reset();
        // Once more: at first ONNX Runtime's arena grows.
        Run();
        var counted = FakeCudaDevice.Counters;
        foreach (var tensor in inputs.Concat(outputs))
        {
            tensor.Dispose();
        }

        Assert.True(counted.Launches + counted.Gemms + counted.DeviceCopies > 0, graph.Name);
        Assert.Equal((0, 0), (counted.Uploads, counted.Downloads));
        Assert.Equal((0, 0, 0), (counted.Syncs, counted.ForeignStreamOperations, counted.Failures));

        void Run() => session.Run(
            options, [.. lowered.Inputs.Select(v => v.Name)], [.. inputs.Select(t => t.Value)],
            [.. lowered.Outputs.Select(v => v.Name)], [.. outputs.Select(t => t.Value)]);
    }

    static CudaTensor[] Tensors(IEnumerable<Value> values) => [.. values.Select(v => new CudaTensor(v.Type, v.Shape.Evaluate(Sizes)))];
}
