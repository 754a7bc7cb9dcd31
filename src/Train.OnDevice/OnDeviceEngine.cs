using System.Globalization;
using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Train.OnDevice.Native;
using OrtDpo.Training;
using OrtDpo.Training.Remote;

namespace OrtDpo.Train.OnDevice;

/// <summary>
/// Trains by ONNX Runtime's on-device training: the composed model with its gradient as one graph, gradients and moments in its session.
/// The loss stays outside: a batch is evaluated, the loop says how its loss changes with each log-probability, and these slopes go into a
/// training step, whose graph runs forward once more.
/// </summary>
sealed class OnDeviceEngine : ITrainingEngine
{
    readonly OnDeviceSetup setup;
    readonly OrtEnvironment environment;
    readonly SavedState saved;
    TrainingState state;
    // Updates that the optimizer counts.
    int updates;
    // Of the gradients since the last update.
    float norm;

    OnDeviceEngine(OnDeviceSetup setup, OrtEnvironment environment)
    {
        this.setup = setup;
        this.environment = environment;
        saved = new SavedState(setup);
        state = Load(Artifact(ArtifactWriter.CheckpointFile));
    }

    /// <summary>Loads the library and the artifacts.</summary>
    /// <exception cref="FileNotFoundException">There is no library.</exception>
    /// <exception cref="NotSupportedException">It is another one.</exception>
    /// <exception cref="InvalidDataException">It refuses the artifacts.</exception>
    public static OnDeviceEngine Open(OnDeviceSetup setup)
    {
        var library = OrtLibrary.Load(setup.Library);
        library.RequireTraining();
        var environment = new OrtEnvironment(library, setup.Threads);
        try
        {
            return new OnDeviceEngine(setup, environment);
        }
        catch
        {
            environment.Dispose();
            throw;
        }
    }

    public int VocabularySize => setup.VocabularySize;

    public BatchLayout Layout => setup.Layout;

    public float[] Score(PackedBatch batch)
    {
        using var feeds = new BatchFeeds(environment, state.EvalInputs, batch, slopes: null);
        return Logps(batch, state.Evaluate(feeds.Tensors, FragmentPorts.TokenLogps)[0]);
    }

    public float[] Accumulate(PackedBatch batch, Func<float[], float[]> slopes)
    {
        var logps = Score(batch);
        using var feeds = new BatchFeeds(environment, state.TrainingInputs, batch, slopes(logps));
        norm = state.Train(feeds.Tensors, ArtifactPorts.GradNorm)[0].Values[0];
        return logps;
    }

    public OptimizerResult Apply(OptimizerStep update)
    {
        RequireSame(update);
        var result = new OptimizerResult(norm, Applied: float.IsFinite(norm));
        if (result.Applied)
        {
            // Every time: a session that was loaded anew has forgotten it.
            state.SetLearningRate(update.LearningRate);
            state.Optimize();
            updates++;
        }

        // Where nothing was applied too: the next step overwrites what is not finite, which a sum would keep.
        state.ResetGradients();
        norm = 0;
        return result;
    }

    public void WriteState(string folder)
    {
        var file = Temporary("saved");
        try
        {
            state.Save(file);
            using var checkpoint = OnDeviceCheckpoint.Open(file);
            saved.Write(folder, checkpoint.Contents, updates);
        }
        finally
        {
            Remove(file);
        }
    }

    public void ReadState(string folder)
    {
        var file = Temporary("resumed");
        try
        {
            var updated = saved.Read(folder, Artifact(ArtifactWriter.CheckpointFile), file);
            // One in memory at a time.
            state.Dispose();
            state = Load(file);
            (updates, norm) = (updated, 0);
        }
        finally
        {
            Remove(file);
        }
    }

    public void Dispose()
    {
        state.Dispose();
        environment.Dispose();
        // The loop may be gone, and with it whoever else would.
        Directory.Delete(setup.Temporary, recursive: true);
    }

    TrainingState Load(string checkpoint) => new(
        environment, checkpoint, Artifact(ArtifactWriter.TrainingFile), Artifact(ArtifactWriter.EvalFile),
        Artifact(ArtifactWriter.OptimizerFile));

    string Artifact(string name) => Path.Combine(setup.Artifacts, name);

    string Temporary(string name) => Path.Combine(setup.Temporary, name);

    static void Remove(string checkpoint)
    {
        File.Delete(checkpoint);
        File.Delete(checkpoint + ".data");
    }

    static float[] Logps(PackedBatch batch, StepOutput output) =>
        output.Shape is [var r, var t] && r == batch.Completions && t == batch.CompletionWidth ? output.Values
            : throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{FragmentPorts.TokenLogps}' is of shape [{string.Join(", ", output.Shape)}]; ")
                + string.Create(CultureInfo.InvariantCulture, $"expected [{batch.Completions}, {batch.CompletionWidth}]."));

    // These stand in the optimizer's model, and its count in the session.
    void RequireSame(OptimizerStep update)
    {
        var expected = setup.Update with { Number = updates + 1, LearningRate = update.LearningRate };
        if (update != expected)
        {
            throw new InvalidOperationException($"The update is {update}, and the optimizer's model makes {expected}.");
        }
    }
}
