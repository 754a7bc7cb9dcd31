using OrtDpo.Runtime.Generation;

namespace OrtDpo.Generate;

/// <summary>How texts are generated. Any token that the model's files name as an end of a text ends one.</summary>
public sealed record GenerationOptions
{
    /// <summary>Tokens of a text at most, 1 or more; the model's positions bound it too.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>How tokens are drawn; null: always the likeliest, the first of equals.</summary>
    public Sampling? Sampling { get; init; }

    /// <summary>
    /// What the logits of tokens that prompt or text hold are divided by, and where they are below 0 multiplied by; 1: none. Above 1
    /// repetitions become less likely.
    /// </summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>What draws follow from: the same seed draws the same tokens of the same logits on every machine.</summary>
    public long Seed { get; init; }

    /// <summary>Which of several texts of one prompt and seed it is, from 0.</summary>
    public int Sample { get; init; }

    /// <summary>What chooses the tokens of a text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    internal TokenChoice Choice()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxNewTokens);
        return new TokenChoice(Sampling, RepetitionPenalty, Seed, Sample);
    }
}
