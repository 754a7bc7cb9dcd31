using Microsoft.ML.OnnxRuntime;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Export.Tests;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Testing.Running;

namespace OrtDpo.Artifacts.Tests.Graphs;

/// <summary>A small model of random weights, whole or under an adapter whose factors are both random, and its graphs.</summary>
sealed unsafe class ArtifactCase : IDisposable
{
    readonly TemporaryFolder? files;
    readonly Dictionary<TrainingGraphs, InferenceSession> sessions = [];

    ArtifactCase(ModelFolder folder, TemporaryFolder? files)
    {
        // Before the first session of the process, which would have as many threads as there are.
        OrtProcess.Start(threads: 1);
        (Folder, this.files) = (folder, files);
    }

    public ModelFolder Folder { get; }

    /// <summary>A family of <c>tests/golden/families</c> with random weights.</summary>
    public static ArtifactCase OfFamily(string family, bool hasAdapter)
    {
        var files = new TemporaryFolder();
        RandomFamily.Write(family, files);
        return Of(files.Path, hasAdapter, files);
    }

    public static ArtifactCase Of(string path, bool hasAdapter, TemporaryFolder? files = null)
    {
        var folder = ModelFolder.Open(path, hasAdapter ? WeightMapping.ReadOnly : WeightMapping.CopyOnWrite);
        if (hasAdapter)
        {
            var terms = AdaptedModel.ProductsOf(folder.Model).ToDictionary(p => p.Weight, _ => new LowRankTerm(Rank: 3, Scale: 2));
            NewAdapter.Attach(folder, terms, new HashSet<string>(), seed: 5);
            FillUps(folder);
        }

        folder.FixMaxLength(RandomFamily.Positions);
        return new ArtifactCase(folder, files);
    }

    /// <summary>The weights by their names.</summary>
    public Dictionary<string, Tensor> Weights(DataType type = DataType.Float32)
    {
        using var store = new WeightStore(Folder);
        return store.Tensors.ToDictionary(
            t => t.Name, t => Tensor.Of(type, t.Shape, t.AsSpan().ToArray().Select(v => (double)v)), StringComparer.Ordinal);
    }

    /// <summary>Runs a written model in ONNX Runtime as it is written, on one thread.</summary>
    public static IReadOnlyDictionary<string, Tensor> Run(byte[] model, IReadOnlyDictionary<string, Tensor> feeds)
    {
        using var session = Open(model);
        return GraphRunner.Run(session, [.. session.InputNames], feeds);
    }

    /// <summary>A training step of the written model, its accumulator put into other words.</summary>
    public IReadOnlyDictionary<string, Tensor> Step(
        TrainingGraphs graphs, IReadOnlyDictionary<string, Tensor> batch, bool overwrites,
        Func<string, Tensor, Tensor> bufferOf)
    {
        var weights = Weights();
        var feeds = new Dictionary<string, Tensor>(batch.Concat(weights), StringComparer.Ordinal)
        {
            [ArtifactPorts.LazyResetGrad] = new(DataType.Bool, [1], new[] { overwrites }),
        };
        foreach (var name in TrainingGraphs.Trained(Folder.Model))
        {
            feeds[ArtifactPorts.Buffer(name)] = bufferOf(name, weights[name]);
        }

        if (!sessions.TryGetValue(graphs, out var session))
        {
            sessions.Add(graphs, session = Open(AccumulatorStandIn.Of(OnnxModelWriter.ToBytes(graphs.Training))));
        }

        return GraphRunner.Run(session, [.. session.InputNames], feeds);
    }

    public void Dispose()
    {
        foreach (var session in sessions.Values)
        {
            session.Dispose();
        }

        Folder.Dispose();
        files?.Dispose();
    }

    static InferenceSession Open(byte[] model)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
        };
        return new InferenceSession(model, options);
    }

    // B begins as zero, and then A has no gradient.
    static void FillUps(ModelFolder folder)
    {
        var random = new Random(3);
        foreach (var name in folder.Parameters.Where(name => name.Contains(".lora_B.", StringComparison.Ordinal)))
        {
            var numbers = new Span<float>((void*)folder.Address(name), (int)folder.Find(name)!.Count);
            foreach (ref var number in numbers)
            {
                number = (float)(0.2 * (random.NextDouble() - 0.5));
            }
        }
    }
}
