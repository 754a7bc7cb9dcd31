namespace OrtDpo.Train.OnDevice.Native;

/// <summary>
/// A checkpoint's state and the training session over it. The session keeps parameters, gradients and moments in the state without holding
/// it, so the state is given back after the session.
/// </summary>
sealed unsafe class TrainingState : IDisposable
{
    readonly OrtEnvironment environment;
    readonly OrtLibrary library;
    // 0: given back.
    nint state;
    nint session;

    /// <summary>Loads a checkpoint, and the three models over it.</summary>
    /// <exception cref="InvalidDataException">ONNX Runtime refuses one of them; the message has its words.</exception>
    public TrainingState(OrtEnvironment environment, string checkpoint, string trainingModel, string evalModel, string optimizerModel)
    {
        this.environment = environment;
        library = environment.Library;
        using var checkpointPath = new NativePath(checkpoint);
        using var training = new NativePath(trainingModel);
        using var eval = new NativePath(evalModel);
        using var optimizer = new NativePath(optimizerModel);
        nint made;
        library.Check(
            ((delegate* unmanaged<nint, nint*, nint>)library[OrtTrainingFunction.LoadCheckpoint])(checkpointPath.Pointer, &made),
            $"load {checkpoint}");
        state = made;
        try
        {
            library.Check(
                ((delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint*, nint>)
                    library[OrtTrainingFunction.CreateTrainingSession])(
                    environment.Handle, environment.Options, state, training.Pointer, eval.Pointer, optimizer.Pointer, &made),
                $"begin to train with {trainingModel}");
            session = made;
            TrainingInputs = Names(
                OrtTrainingFunction.TrainingSessionGetTrainingModelInputCount,
                OrtTrainingFunction.TrainingSessionGetTrainingModelInputName);
            TrainingOutputs = Names(
                OrtTrainingFunction.TrainingSessionGetTrainingModelOutputCount,
                OrtTrainingFunction.TrainingSessionGetTrainingModelOutputName);
            EvalInputs = Names(
                OrtTrainingFunction.TrainingSessionGetEvalModelInputCount, OrtTrainingFunction.TrainingSessionGetEvalModelInputName);
            EvalOutputs = Names(
                OrtTrainingFunction.TrainingSessionGetEvalModelOutputCount, OrtTrainingFunction.TrainingSessionGetEvalModelOutputName);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The inputs of a training step, in their order.</summary>
    public IReadOnlyList<string> TrainingInputs { get; } = [];

    /// <summary>The outputs of a training step, in their order.</summary>
    public IReadOnlyList<string> TrainingOutputs { get; } = [];

    /// <summary>The inputs of an evaluation, in their order.</summary>
    public IReadOnlyList<string> EvalInputs { get; } = [];

    /// <summary>The outputs of an evaluation, in their order.</summary>
    public IReadOnlyList<string> EvalOutputs { get; } = [];

    /// <summary>Forward and backward: gradients add to those since the last reset.</summary>
    /// <param name="inputs">In the order of <see cref="TrainingInputs"/>.</param>
    /// <param name="wanted">The outputs that are read.</param>
    public StepOutput[] Train(IReadOnlyList<FeedTensor> inputs, params ReadOnlySpan<string> wanted) =>
        Run(OrtTrainingFunction.TrainStep, "train on a batch", inputs, TrainingOutputs, wanted);

    /// <summary>Forward.</summary>
    /// <param name="inputs">In the order of <see cref="EvalInputs"/>.</param>
    /// <param name="wanted">The outputs that are read.</param>
    public StepOutput[] Evaluate(IReadOnlyList<FeedTensor> inputs, params ReadOnlySpan<string> wanted) =>
        Run(OrtTrainingFunction.EvalStep, "score a batch", inputs, EvalOutputs, wanted);

    /// <summary>Sets the learning rate, which a session begins without.</summary>
    public void SetLearningRate(float rate) => library.Check(
        ((delegate* unmanaged<nint, float, nint>)library[OrtTrainingFunction.SetLearningRate])(Session, rate), "set the learning rate");

    /// <summary>Updates the parameters by the gradients.</summary>
    public void Optimize() => library.Check(
        ((delegate* unmanaged<nint, nint, nint>)library[OrtTrainingFunction.OptimizerStep])(Session, 0), "update the weights");

    /// <summary>Has the next training step overwrite the gradients.</summary>
    public void ResetGradients() => library.Check(
        ((delegate* unmanaged<nint, nint>)library[OrtTrainingFunction.LazyResetGrad])(Session), "reset the gradients");

    /// <summary>Writes a checkpoint with what the optimizer knows.</summary>
    public void Save(string path)
    {
        ObjectDisposedException.ThrowIf(state == 0, this);
        using var file = new NativePath(path);
        library.Check(
            ((delegate* unmanaged<nint, nint, byte, nint>)library[OrtTrainingFunction.SaveCheckpoint])(state, file.Pointer, 1),
            $"write {path}");
    }

    public void Dispose()
    {
        library.Release(OrtTrainingFunction.ReleaseTrainingSession, session);
        library.Release(OrtTrainingFunction.ReleaseCheckpointState, state);
        (session, state) = (0, 0);
    }

    // Natively a use after release would be memory of others.
    nint Session => session != 0 ? session : throw new ObjectDisposedException(nameof(TrainingState));

    StepOutput[] Run(
        OrtTrainingFunction step, string what, IReadOnlyList<FeedTensor> inputs, IReadOnlyList<string> outputs,
        ReadOnlySpan<string> wanted)
    {
        nint[] feeds = [.. inputs.Select(input => input.Handle)];
        var values = new nint[outputs.Count];
        try
        {
            fixed (nint* feed = feeds, value = values)
            {
                // Options of a run are not looked at: none are given.
                library.Check(
                    ((delegate* unmanaged<nint, nint, nuint, nint*, nuint, nint*, nint>)library[step])(
                        Session, 0, (nuint)feeds.Length, feed, (nuint)values.Length, value),
                    what);
            }

            var read = new StepOutput[wanted.Length];
            for (var i = 0; i < read.Length; i++)
            {
                read[i] = StepOutput.Copy(library, values[IndexOf(outputs, wanted[i])], wanted[i]);
            }

            return read;
        }
        finally
        {
            foreach (var value in values)
            {
                library.Release(OrtFunction.ReleaseValue, value);
            }
        }
    }

    static int IndexOf(IReadOnlyList<string> outputs, string name)
    {
        for (var i = 0; i < outputs.Count; i++)
        {
            if (outputs[i] == name)
            {
                return i;
            }
        }

        throw new InvalidDataException(
            $"The model has no output '{name}'; it has {string.Join(", ", outputs)}. Expected artifacts of this program's kind.");
    }

    string[] Names(OrtTrainingFunction countOf, OrtTrainingFunction nameOf)
    {
        nuint count;
        library.Check(((delegate* unmanaged<nint, nuint*, nint>)library[countOf])(session, &count), "count inputs and outputs");
        var names = new string[count];
        for (nuint i = 0; i < count; i++)
        {
            nint text;
            library.Check(
                ((delegate* unmanaged<nint, nuint, nint, nint*, nint>)library[nameOf])(session, i, environment.Allocator, &text),
                "name inputs and outputs");
            names[i] = environment.Take(text);
        }

        return names;
    }
}
