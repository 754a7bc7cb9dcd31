namespace OrtDpo.Runtime.Generation;

/// <summary>
/// How a token is drawn, by the names and rules of Hugging Face's <c>generate</c>: the logits are divided by the temperature, then only the
/// likeliest stay (top-k, of these top-p, of these min-p), and one of those is drawn with its probability among them.
/// </summary>
public sealed record Sampling
{
    /// <summary>What logits are divided by; above 0. Below 1 the likeliest gain, above 1 they lose.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>So many of the likeliest tokens stay, with all that are as likely as the last of them; null: all.</summary>
    public int? TopK { get; init; }

    /// <summary>
    /// In <c>[0, 1]</c>: the likeliest tokens stay up to the first with which their probabilities sum to this, of equals those with the
    /// lowest ids; one at least. 1: all.
    /// </summary>
    public double TopP { get; init; } = 1;

    /// <summary>In <c>[0, 1]</c>: tokens stay that are at least so likely, measured by the likeliest. 0: all.</summary>
    public double MinP { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public void RequireValid()
    {
        if (!(Temperature > 0 && double.IsFinite(Temperature)))
        {
            throw new ArgumentOutOfRangeException(nameof(Temperature), Temperature, "The temperature must be positive.");
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(TopK ?? 1, nameof(TopK));
        RequireShare(TopP, nameof(TopP));
        RequireShare(MinP, nameof(MinP));
    }

    static void RequireShare(double value, string name)
    {
        if (!(value is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, "A share must be between 0 and 1.");
        }
    }
}
