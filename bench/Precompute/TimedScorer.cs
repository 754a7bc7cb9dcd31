using OrtDpo.Batches;

namespace OrtDpo.PrecomputeBench;

/// <summary>A scorer and the time of the calling thread that it takes.</summary>
sealed class TimedScorer(IScorer scorer) : IScorer
{
    public TimeSpan Inside { get; private set; }

    public int VocabularySize => scorer.VocabularySize;

    public BatchLayout Layout => scorer.Layout;

    public float[] Score(PackedBatch batch)
    {
        var before = ThreadClock.Now();
        var scores = scorer.Score(batch);
        Inside += ThreadClock.Now() - before;
        return scores;
    }

    public void Dispose() => scorer.Dispose();
}
