namespace OrtDpo.Batches;

/// <summary>A model that scores packed batches: all that the cache, the step-0 gate and evaluation ask of one.</summary>
public interface IScorer : IDisposable
{
    /// <summary>Tokens of the model's vocabulary; ids are below it.</summary>
    int VocabularySize { get; }

    /// <summary>How the model reads batches.</summary>
    BatchLayout Layout { get; }

    /// <summary>How far two computations of a log-probability by such a model may lie apart.</summary>
    LogpTolerance Tolerance => LogpTolerance.Float32;

    /// <summary>The log-probabilities of the completions' tokens: <c>float32 [R, T]</c>, nats, 0 where padded.</summary>
    float[] Score(PackedBatch batch);

    /// <summary>The same, and which tokens were the likeliest where the model's head finds that on its way.</summary>
    TokenScores ScoreTokens(PackedBatch batch) => new(Score(batch), AreLikeliest: null);
}
