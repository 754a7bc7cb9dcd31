using System.CommandLine;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Training;

namespace OrtDpo.Cli.Artifacts;

/// <summary>The options of the optimizer of artifacts, whose numbers are fixed in its model.</summary>
sealed class ArtifactOptimizerOptions
{
    static readonly ArtifactOptimizer Defaults = new();

    readonly Option<string> kind = new Option<string>(OptionNames.Of(nameof(ArtifactOptions.Optimizer)))
    {
        HelpName = "adamw|sgd",
        Description = "adamw, as PyTorch computes it; or sgd, w - lr g, which has no moments [default: adamw].",
    }.OneOf("adamw", "sgd");

    readonly Option<double> maxGradNorm = new Option<double>(OptionNames.Of(nameof(ArtifactOptimizer.MaxGradNorm)))
    {
        Description = "Clip of the gradient's global norm; 0 = none.",
        DefaultValueFactory = _ => Defaults.MaxGradNorm,
    }.Between(0, float.MaxValue);

    readonly Option<double> weightDecay = new Option<double>(OptionNames.Of(nameof(ArtifactOptimizer.WeightDecay)))
    {
        Description = "AdamW's decoupled decay of all that trains, which must be matrices: with an adapter [default: 0].",
    }.Between(0, 1);

    readonly Option<double> beta1 = new Option<double>(OptionNames.Of(nameof(OptimizationOptions.AdamBeta1)))
    {
        Description = "Decay of AdamW's first moment [default: 0.9].",
    }.Where(beta => beta is >= 0 and < 1, "it must be at least 0 and below 1");

    readonly Option<double> beta2 = new Option<double>(OptionNames.Of(nameof(OptimizationOptions.AdamBeta2)))
    {
        Description = "Decay of AdamW's second moment [default: 0.999].",
    }.Where(beta => beta is >= 0 and < 1, "it must be at least 0 and below 1");

    readonly Option<double> epsilon = new Option<double>(OptionNames.Of(nameof(OptimizationOptions.AdamEpsilon)))
    {
        Description = "Added to the root of AdamW's second moment [default: 1e-8].",
    }.Positive();

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public ArtifactOptimizerOptions(Command command)
    {
        foreach (var option in (Option[])[kind, maxGradNorm, weightDecay, beta1, beta2, epsilon])
        {
            command.Add(option);
        }
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="ArgumentException">A number of AdamW is given for SGD.</exception>
    public ArtifactOptimizer Bind(ParseResult parse)
    {
        var norm = parse.GetValue(maxGradNorm);
        if (parse.GetValue(kind) == "sgd")
        {
            return ((Option[])[weightDecay, beta1, beta2, epsilon]).FirstOrDefault(parse.IsGiven) is { } inert
                ? throw new ArgumentException($"{inert.Name} has no effect with {kind.Name} sgd.")
                : ArtifactOptimizer.Sgd(norm);
        }

        return Defaults with
        {
            MaxGradNorm = norm,
            WeightDecay = parse.Given(weightDecay) ?? Defaults.WeightDecay,
            Beta1 = parse.Given(beta1) ?? Defaults.Beta1,
            Beta2 = parse.Given(beta2) ?? Defaults.Beta2,
            Epsilon = parse.Given(epsilon) ?? Defaults.Epsilon,
        };
    }
}
