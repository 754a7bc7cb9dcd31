namespace OrtDpo.Training;

/// <summary>
/// Which learning rates fit a model's size, from recipes of preference tuning that were published or measured: 5e-7 at 7 billion numbers
/// (Zephyr), 1e-6 at 135 and 360 million (SmolLM2), 1e-4 at one million (this project's demo model). Between them the line through their
/// logarithms; ten times as much for adapters (Zephyr's QLoRA: 5e-6). A tenth of it to ten times it is usual.
/// </summary>
/// <param name="Middle">What recipes for this size have.</param>
/// <param name="Low">The lowest that fits.</param>
/// <param name="High">The highest that fits.</param>
public readonly record struct LearningRateRange(double Middle, double Low, double High)
{
    /// <summary>Numbers in the smallest model that there are recipes for, a little below the demo model's.</summary>
    public const long SmallestModel = 500_000;

    const double AdapterFactor = 10;

    static readonly (double Parameters, double Rate)[] Recipes =
        [(1e6, 1e-4), (135e6, 1e-6), (360e6, 1e-6), (7e9, 5e-7)];

    /// <summary>The range of a model; null: it is smaller than any that there are recipes for.</summary>
    /// <param name="modelParameters">Numbers in the model, without an adapter.</param>
    /// <param name="isAdapter">Whether an adapter trains.</param>
    public static LearningRateRange? Of(long modelParameters, bool isAdapter)
    {
        if (modelParameters < SmallestModel)
        {
            return null;
        }

        var middle = Full(modelParameters) * (isAdapter ? AdapterFactor : 1);
        return new LearningRateRange(middle, middle / DiagnosisThresholds.RateFactor, middle * DiagnosisThresholds.RateFactor);
    }

    // Beyond the smallest and the largest recipe theirs.
    static double Full(double parameters)
    {
        var above = Array.FindIndex(Recipes, recipe => recipe.Parameters >= parameters);
        if (above is 0 or -1)
        {
            return Recipes[above == 0 ? 0 : ^1].Rate;
        }

        var (from, to) = (Recipes[above - 1], Recipes[above]);
        var place = Math.Log(parameters / from.Parameters) / Math.Log(to.Parameters / from.Parameters);
        return from.Rate * Math.Pow(to.Rate / from.Rate, place);
    }
}
