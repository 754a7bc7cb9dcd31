using OrtDpo.Batches;

namespace OrtDpo.Data.Tests.Cache;

/// <summary>A reference of fifty tokens whose scores are a formula.</summary>
sealed class FakeScorer(Func<PackedBatch, float[]> score) : IScorer
{
    public int VocabularySize => 50;

    public BatchLayout Layout => BatchLayout.Packed;

    public float[] Score(PackedBatch batch) => score(batch);

    public void Dispose()
    {
    }
}
