using System.Globalization;
using OrtDpo.Adapters;
using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Runs;
using OrtDpo.Safetensors;
using OrtDpo.Training;
using OrtDpo.Training.Remote;

namespace OrtDpo.Train.OnDevice;

/// <summary>
/// Between ONNX Runtime's checkpoints and the files that every engine of a run writes: what trains as <c>model.safetensors</c> or
/// <c>adapter_model.safetensors</c>, and AdamW's moments in <c>optimizer.safetensors</c>.
/// </summary>
/// <param name="setup">How the engine is set up.</param>
sealed class SavedState(OnDeviceSetup setup)
{
    readonly WeightType type = Enum.Parse<WeightType>(setup.SaveType);

    string WeightsFile => setup.IsAdapter ? AdapterFile.FileName : ShardedWeights.SingleFile;

    /// <summary>Writes the files.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="checkpoint">What ONNX Runtime saved.</param>
    /// <param name="updates">The updates that were made.</param>
    /// <exception cref="InvalidDataException">ONNX Runtime saved another count of updates, or not all moments.</exception>
    public void Write(string folder, OnDeviceCheckpoint checkpoint, int updates)
    {
        var weights = checkpoint.Trainable.Select(tensor => tensor with { SavedAs = type }).ToList();
        AtomicFile.Write(Path.Combine(folder, WeightsFile), file =>
        {
            if (setup.IsAdapter)
            {
                AdapterFile.Write(file, weights);
            }
            else
            {
                SafetensorsWriter.Write(file, weights);
            }
        });
        var moments = Moments(checkpoint, updates).ToList();
        if (type != WeightType.F32)
        {
            moments.AddRange(checkpoint.Trainable.Select(tensor => tensor with { Name = $"{tensor.Name}.{EngineFiles.Master}" }));
        }

        AtomicFile.Write(Path.Combine(folder, EngineFiles.Moments), file => SafetensorsWriter.Write(file, moments));
    }

    /// <summary>Makes of the files a checkpoint that a session begins from.</summary>
    /// <param name="folder">Where they are, with the state of the loop, which knows how many updates they have seen.</param>
    /// <param name="artifact">The checkpoint that the artifacts came with: it has what is frozen.</param>
    /// <param name="path">The checkpoint to write.</param>
    /// <returns>The updates that were made.</returns>
    /// <exception cref="InvalidDataException">A file is damaged, or belongs to another model.</exception>
    public int Read(string folder, string artifact, string path)
    {
        var loop = FileJson.Read<TrainerState>(Path.Combine(folder, TrainerState.FileName));
        var updates = loop.Step - loop.SkippedSteps;
        using var begun = OnDeviceCheckpoint.Open(artifact);
        using var weights = SafetensorsFile.Open(Path.Combine(folder, WeightsFile));
        using var moments = SafetensorsFile.Open(Path.Combine(folder, EngineFiles.Moments));
        var trainable = begun.Contents.Trainable.Select(tensor => Weight(weights, moments, tensor)).ToList();
        var states = begun.Contents.Trainable.Select(tensor => new ParameterMoments(tensor.Name,
        [
            Moment(moments, tensor, EngineFiles.FirstMoment, ParameterMoments.First),
            Moment(moments, tensor, EngineFiles.SecondMoment, ParameterMoments.Second),
        ])).ToList();
        (begun.Contents with
        {
            Trainable = trainable,
            Groups = [new OptimizerGroup(OptimizerGroup.DefaultName, updates, InitialLearningRate: 0, states)],
        }).Write(path, external: File.Exists(artifact + ".data"));
        return updates;
    }

    static IEnumerable<TensorSource> Moments(OnDeviceCheckpoint checkpoint, int updates)
    {
        // Before its first update ONNX Runtime may save none, and they are zero.
        var group = checkpoint.Groups is [var only, ..] ? only : null;
        if ((group?.Step ?? 0) != updates)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"ONNX Runtime saved the optimizer after {group?.Step ?? 0} updates; expected {updates}."));
        }

        var states = group?.States.ToDictionary(state => state.Parameter, StringComparer.Ordinal);
        foreach (var tensor in checkpoint.Trainable)
        {
            foreach (var (saved, name) in ((string, string)[])
                [(ParameterMoments.First, EngineFiles.FirstMoment), (ParameterMoments.Second, EngineFiles.SecondMoment)])
            {
                var moment = states is null
                    ? tensor with { Address = 0, Reader = (_, bytes) => bytes.Clear() }
                    : states.GetValueOrDefault(tensor.Name)?.Moments.FirstOrDefault(moment => moment.Name == saved)
                        ?? throw new InvalidDataException($"ONNX Runtime saved no '{saved}' of '{tensor.Name}'.");
                yield return moment with { Name = $"{tensor.Name}.{name}" };
            }
        }
    }

    TensorSource Weight(SafetensorsFile weights, SafetensorsFile moments, TensorSource tensor)
    {
        var master = $"{tensor.Name}.{EngineFiles.Master}";
        return moments.Tensors.ContainsKey(master)
            ? Find(moments, master, tensor, tensor.Name)
            : Find(weights, setup.IsAdapter ? AdapterFile.Prefix + tensor.Name : tensor.Name, tensor, tensor.Name);
    }

    static TensorSource Moment(SafetensorsFile moments, TensorSource tensor, string name, string saved) =>
        Find(moments, $"{tensor.Name}.{name}", tensor, saved);

    static TensorSource Find(SafetensorsFile file, string name, TensorSource like, string saved)
    {
        if (!file.Tensors.TryGetValue(name, out var entry))
        {
            throw new InvalidDataException($"{file.Path}: tensor '{name}' is missing. The checkpoint belongs to another model, or its "
                + "optimizer is one that this engine does not have.");
        }

        return entry.Type == WeightType.F32 && entry.Shape.SequenceEqual(like.Shape)
            ? new TensorSource(saved, WeightType.F32, like.Shape, file.Address(entry))
            : throw new InvalidDataException($"{file.Path}: tensor '{name}' is {entry.Type} [{string.Join(", ", entry.Shape)}]; "
                + $"expected {WeightType.F32} [{string.Join(", ", like.Shape)}].");
    }
}
