using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>
/// An engine that scores no further micro-batch once a run is to stop: for the step-0 gate and for evaluations, which can be made again. A
/// step, whose gradients are half accumulated, goes to its end.
/// </summary>
sealed class StoppableEngine(ITrainingEngine engine, CancellationToken stop) : ITrainingEngine
{
    public int VocabularySize => engine.VocabularySize;

    public BatchLayout Layout => engine.Layout;

    public LogpTolerance Tolerance => engine.Tolerance;

    public float[] Score(PackedBatch batch)
    {
        stop.ThrowIfCancellationRequested();
        return engine.Score(batch);
    }

    public TokenScores ScoreTokens(PackedBatch batch)
    {
        stop.ThrowIfCancellationRequested();
        return engine.ScoreTokens(batch);
    }

    public float[] Accumulate(PackedBatch batch, Func<float[], float[]> slopes) => engine.Accumulate(batch, slopes);

    public OptimizerResult Apply(OptimizerStep update) => engine.Apply(update);

    public void WriteState(string folder) => engine.WriteState(folder);

    public void ReadState(string folder) => engine.ReadState(folder);

    // It is not its owner.
    public void Dispose()
    {
    }
}
