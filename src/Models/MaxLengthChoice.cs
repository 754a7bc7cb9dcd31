using OrtDpo.Models.Decoders;

namespace OrtDpo.Models;

/// <summary>The bound on prompt + one completion.</summary>
public static class MaxLengthChoice
{
    const int Default = 1024;

    /// <summary>The bound for <paramref name="model"/>, in tokens, and why it is that.</summary>
    /// <exception cref="InvalidDataException">More was asked for than the model has positions.</exception>
    public static (int MaxLength, string Reason) Of(DecoderModel model, int? asked)
    {
        var positions = model.Sizes.MaxPositions;
        if (asked > positions)
        {
            var bound = model.PositionsReason ?? $"the model has {positions} positions";
            throw new InvalidDataException($"`MaxLength` is {asked}, and {bound}. Give at most {positions}.");
        }

        return asked is { } given
            ? (given, positions == ModelSizes.Unbounded ? "`MaxLength`" : $"`MaxLength`, of the model's {positions} positions")
            : positions == ModelSizes.Unbounded
                ? (Default, "the default; neither the model's graph nor config.json bounds its positions")
                : (Math.Min(Default, positions), $"min({Default}, the model's {positions} positions)");
    }
}
