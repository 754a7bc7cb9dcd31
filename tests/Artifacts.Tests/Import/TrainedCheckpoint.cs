using System.Runtime.InteropServices;
using OrtDpo.Adapters;
using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Artifacts.Import;
using OrtDpo.Artifacts.Tests.Checkpoints;
using OrtDpo.Export.Tests;
using OrtDpo.Objectives;
using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Tests.Import;

/// <summary>
/// Artifacts of a small model, and a checkpoint as a device leaves it after some steps: other numbers in what trains, the optimizer's
/// state, and a value of the device's own.
/// </summary>
sealed class TrainedCheckpoint : IDisposable
{
    static readonly LoraConfig Lora = new() { Rank = 3, Alpha = 6, TargetModules = ModuleChoice.AllLinear };

    readonly TemporaryFolder folder = new();
    readonly TemporaryFolder model = new();
    int files;

    /// <param name="hasAdapter">Whether an adapter trains.</param>
    /// <param name="onnx">A model of <c>tests/golden/foreign-onnx</c>; null: a Llama of random weights.</param>
    public TrainedCheckpoint(bool hasAdapter, string? onnx = null)
    {
        RandomFamily.Write("llama", model);
        if (onnx is not null)
        {
            System.IO.File.Delete(model.File("config.json"));
            System.IO.File.Delete(model.File("model.safetensors"));
            System.IO.File.Copy(Repository.Find("tests", "golden", "foreign-onnx", onnx, "model.onnx"), model.File("model.onnx"));
        }

        Manifest = ArtifactWriter.Write(new ArtifactRequest
        {
            Model = model.Path, Out = Artifacts, Lora = hasAdapter ? Lora : null, Seed = 3,
            Options = new() { Objective = Objective.Parse("sigmoid") },
        }).Manifest;
        using var begin = OnDeviceCheckpoint.Open(Path.Combine(Artifacts, ArtifactWriter.CheckpointFile));
        var trained = begin.Contents.Trainable.Select(Moved).ToList();
        Contents = new OnDeviceCheckpoint(trained, [.. begin.Contents.Frozen.Select(Held)])
        {
            Properties = begin.Contents.Properties with { Ints = new Dictionary<string, long> { ["epoch"] = 2 } },
            Groups =
            [
                new(OptimizerGroup.DefaultName, 20, 0.001f,
                [
                    .. trained.Select(t => new ParameterMoments(
                        t.Name, [t with { Name = ParameterMoments.First }, t with { Name = ParameterMoments.Second }])),
                ]),
            ],
        };
    }

    /// <summary>The model's folder.</summary>
    public string Model => model.Path;

    /// <summary>The folder of the artifacts.</summary>
    public string Artifacts => folder.File("artifacts");

    public ArtifactManifest Manifest { get; }

    /// <summary>What the checkpoint holds.</summary>
    public OnDeviceCheckpoint Contents { get; }

    /// <summary>A path that nothing is at.</summary>
    public string File() => folder.File($"{files++}");

    /// <summary>Writes a checkpoint.</summary>
    public string Written(OnDeviceCheckpoint contents, bool external = false)
    {
        var path = File();
        contents.Write(path, external);
        return path;
    }

    /// <summary>Imports one.</summary>
    public ImportResult Import(OnDeviceCheckpoint contents, string? artifacts = null, string? model = null) =>
        CheckpointImport.Run(new ImportRequest
        {
            Checkpoint = Written(contents), Artifacts = artifacts, Model = model ?? Model, Out = File(),
        });

    public void Dispose()
    {
        folder.Dispose();
        model.Dispose();
    }

    static TensorSource Moved(TensorSource tensor)
    {
        var numbers = new float[tensor.ByteCount / sizeof(float)];
        tensor.Read(0, MemoryMarshal.AsBytes(numbers.AsSpan()));
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] += 0.01f * ((i % 7) - 3);
        }

        return Held(tensor, numbers);
    }

    static TensorSource Held(TensorSource tensor) =>
        SampleCheckpoint.Of(tensor.Name, tensor.Type, tensor.Shape, SampleCheckpoint.Read(tensor));

    /// <summary>The tensor with other numbers.</summary>
    public static TensorSource Held(TensorSource tensor, float[] numbers) => SampleCheckpoint.Of(
        tensor.Name, WeightType.F32, tensor.Shape, MemoryMarshal.AsBytes<float>(numbers));
}
