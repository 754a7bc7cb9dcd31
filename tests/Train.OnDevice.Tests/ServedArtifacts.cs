using System.Diagnostics;
using OrtDpo.Adapters;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Pipeline.Tests;
using OrtDpo.Safetensors;
using OrtDpo.Testing.OnDevice;
using OrtDpo.Training;
using OrtDpo.Training.Remote;

namespace OrtDpo.Train.OnDevice.Tests;

/// <summary>Artifacts of a tiny model, and the program as a process over the stub, which writes its calls to a log.</summary>
sealed class ServedArtifacts : IDisposable
{
    const int MaxLength = 64;

    readonly TemporaryFolder folder = new();
    readonly bool isAdapter;
    readonly string saveType;

    /// <param name="isAdapter">Whether an adapter trains.</param>
    /// <param name="saveType">The type that checkpoints have their weights in.</param>
    /// <param name="isExternal">Whether weights lie beside the artifacts' checkpoint.</param>
    public ServedArtifacts(bool isAdapter = false, string saveType = "F32", bool isExternal = false)
    {
        (this.isAdapter, this.saveType) = (isAdapter, saveType);
        using var model = Open(TinyModel.Write(folder.File("model")));
        model.FixMaxLength(MaxLength);
        ArtifactWriter.Write(
            model, MaxLength,
            new ArtifactOptions
            {
                Optimizer = new ArtifactOptimizer { MaxGradNorm = Update.MaxGradNorm, WeightDecay = 0 },
                ExternalData = isExternal,
            },
            folder.File("artifacts"));
    }

    /// <summary>The first update.</summary>
    public static OptimizerStep Update { get; } = new(1, 1e-2f, MaxGradNorm: 0.5f, WeightDecay: 0);

    /// <summary>A batch of two pairs.</summary>
    public static PackedBatch Batch { get; } = ExamplePacking.Pack(
        [Example.Pair([1, 2, 3], [4, 5, 6], [7, 8]), Example.Pair([9, 10], [11], [12, 13, 14, 15])]);

    /// <summary>A folder for a checkpoint, with a state of the loop after a number of updates.</summary>
    public string Checkpoint(string name, int updates, int skipped = 0)
    {
        var path = Directory.CreateDirectory(folder.File(name)).FullName;
        Runs.FileJson.Write(Path.Combine(path, Runs.TrainerState.FileName), new Runs.TrainerState
        {
            Format = Runs.TrainerState.CurrentFormat, Step = updates + skipped, TotalSteps = 9, StepsPerEpoch = 9, WarmupSteps = 0,
            Seed = 0, SkippedSteps = skipped, SkippedInARow = 0, TrainedTokens = 0, MetricsBytes = 0, DataDigest = "", Files = [],
        });
        return path;
    }

    /// <summary>The calls of the library so far, without the shapes of batches.</summary>
    public IReadOnlyList<string> Calls => [.. File.ReadLines(Log).Select(line => line.Split(" input_ids")[0])];

    /// <summary>Where the engine has files between two states.</summary>
    public string Temporary => folder.File("temporary");

    /// <summary>The calls of the library so far.</summary>
    public string Log => folder.File("log");

    /// <summary>Starts the program.</summary>
    public Served Start() => new(this, StubRuntime.WithTraining());

    public void Dispose() => folder.Dispose();

    ModelFolder Open(string path)
    {
        if (!isAdapter)
        {
            return ModelFolder.Open(path, WeightMapping.CopyOnWrite);
        }

        var model = ModelFolder.Open(path);
        ModelAdapter.Begin(model, new LoraConfig { Rank = 2, Alpha = 4, TargetModules = ModuleChoice.AllLinear }, seed: 3);
        return model;
    }

    /// <summary>The program, running.</summary>
    public sealed class Served : IDisposable
    {
        readonly Process process;
        bool isClosed;

        public Served(ServedArtifacts artifacts, string library)
        {
            process = ProgramRun.Start(
                "dotnet", [Path.Combine(AppContext.BaseDirectory, "OrtDpo.Train.OnDevice.dll")],
                variables: new Dictionary<string, string>
                {
                    [StubRuntime.RuntimeVariable] = StubRuntime.Plain(),
                    [StubRuntime.LogVariable] = artifacts.Log,
                },
                redirectsInput: true);
            try
            {
                Engine = new RemoteEngine(
                    process.StandardOutput.BaseStream, process.StandardInput.BaseStream, new OnDeviceSetup
                    {
                        Library = library,
                        Artifacts = artifacts.folder.File("artifacts"),
                        Temporary = Directory.CreateDirectory(artifacts.Temporary).FullName,
                        Threads = 1,
                        VocabularySize = TinyModel.Vocabulary,
                        Layout = BatchLayout.Packed,
                        IsAdapter = artifacts.isAdapter,
                        SaveType = artifacts.saveType,
                        Update = Update,
                    }.ToJson(),
                    () => process.StandardError.ReadToEnd());
            }
            catch
            {
                CloseAsIfKilled();
                throw;
            }
        }

        public RemoteEngine Engine { get; }

        /// <summary>Has the process told to end, as a terminal does.</summary>
        public void Signal(string name) =>
            Assert.Equal(0, ProgramRun.Of("kill", [$"-{name}", $"{process.Id}"]).ExitCode);

        /// <summary>Differentiates the batch with every log-probability weighed alike, and updates.</summary>
        public OptimizerResult Step(int number, float slope = -0.25f)
        {
            Engine.Accumulate(Batch, logps => [.. logps.Select((_, i) => Batch.CompletionMask[i] * slope)]);
            return Engine.Apply(Update with { Number = number });
        }

        /// <summary>Ends its input in the middle of everything, and waits for it.</summary>
        public void CloseAsIfKilled()
        {
            isClosed = true;
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }

        public void Dispose()
        {
            if (!isClosed)
            {
                Engine.Dispose();
                CloseAsIfKilled();
            }
        }
    }
}
