using System.Numerics.Tensors;

namespace OrtDpo.Export.Tests;

/// <summary>
/// Texts that a host made greedily, against the layers that train: every token is the likeliest one after those before it, or lies within
/// 1e-4 nats of that, where rounding decides. Such ties are counted, and may be one in a hundred.
/// </summary>
sealed class TrainingText(TrainingForward training, int vocabulary)
{
    const double Tie = 1e-4;

    readonly List<double> differences = [];

    public int Tokens { get; private set; }

    public int Ties { get; private set; }

    /// <summary>Compares a text.</summary>
    /// <param name="prompt">Ids before it.</param>
    /// <param name="made">What the host made.</param>
    /// <param name="what">Names the text in messages.</param>
    /// <param name="logps">The tokens' log-probabilities, where the host has them.</param>
    public void Compare(IReadOnlyList<int> prompt, IReadOnlyList<int> made, string what, IReadOnlyList<double>? logps = null)
    {
        var logits = training.Logits([.. prompt.Concat(made.SkipLast(1)).Select(id => (long)id)]);
        foreach (var (i, token) in made.Index())
        {
            var line = logits.AsSpan((prompt.Count + i - 1) * vocabulary, vocabulary);
            var (expected, likeliest) = (LogSoftmax.At(line, token), TensorPrimitives.IndexOfMax<float>(line));
            Tokens++;
            if (logps is not null)
            {
                differences.Add(Math.Abs(expected - logps[i]));
            }

            if (likeliest != token)
            {
                AssertClose(LogSoftmax.At(line, likeliest), expected, Tie, what: $"token {i} after {prompt.Count}, {what}");
                Ties++;
            }
        }
    }

    /// <summary>Checks the counts, and tells them.</summary>
    public void Finish(string what)
    {
        Assert.InRange(Tokens, 1, int.MaxValue);
        Assert.InRange(Ties, 0, Tokens / 100);
        var near = "";
        if (differences.Count > 0)
        {
            Assert.InRange(differences.Average(), 0, Tolerances.ParityMean);
            Assert.InRange(differences.Max(), 0, Tolerances.ParityMax);
            near = $", mean {differences.Average():g2}, at most {differences.Max():g2}";
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {Tokens} tokens, {Ties} ties{near}");
    }
}
