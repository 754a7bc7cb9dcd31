using System.Globalization;
using OrtDpo.Generate;
using OrtDpo.Runtime.Generation;

namespace OrtDpo.Cli.Generate;

/// <summary>How tokens were asked to be chosen; what is null follows from the model's file where tokens are drawn.</summary>
sealed record AskedSampling(
    int MaxNewTokens, bool Sample, double? Temperature, int? TopK, double? TopP, double? MinP, double? RepetitionPenalty, long Seed)
{
    /// <summary>What comes of it for a model, and what is said of that.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <exception cref="InvalidDataException">The model's file is damaged, or a number in it is outside its range.</exception>
    public (GenerationOptions Options, IReadOnlyList<string> Lines) For(string folder)
    {
        var options = new GenerationOptions { MaxNewTokens = MaxNewTokens, RepetitionPenalty = RepetitionPenalty ?? 1, Seed = Seed };
        if (!Sample)
        {
            return (options, []);
        }

        var file = GenerationConfig.Read(folder);
        var sampling = new Sampling
        {
            Temperature = Temperature ?? file?.Temperature ?? 1,
            TopK = (TopK ?? file?.TopK) is > 0 and var k ? k : null,
            TopP = TopP ?? file?.TopP ?? 1,
            MinP = MinP ?? file?.MinP ?? 0,
        };
        var penalty = RepetitionPenalty ?? file?.RepetitionPenalty ?? 1;
        string?[] parts =
        [
            $"temperature {Text(sampling.Temperature)}{Source(Temperature, file?.Temperature, "--temperature")}",
            sampling.TopK is { } most ? $"top-k {Text(most)}{Source(TopK, file?.TopK, "--top-k")}" : null,
            sampling.TopP < 1 ? $"top-p {Text(sampling.TopP)}{Source(TopP, file?.TopP, "--top-p")}" : null,
            sampling.MinP > 0 ? $"min-p {Text(sampling.MinP)}{Source(MinP, file?.MinP, "--min-p")}" : null,
            penalty != 1
                ? $"repetition penalty {Text(penalty)}{Source(RepetitionPenalty, file?.RepetitionPenalty, "--repetition-penalty")}"
                : null,
            $"seed {Seed.ToString(CultureInfo.InvariantCulture)}",
        ];
        return (
            options with { Sampling = sampling, RepetitionPenalty = penalty },
            [
                $"sampling: {string.Join(", ", parts.OfType<string>())}",
                .. file is { NotApplied: [_, ..] others }
                    ? new[] { $"not applied: {string.Join(", ", others)} of {file.Path}" }
                    : [],
            ]);
    }

    static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    static string Source<T>(T? given, T? inFile, string option)
        where T : struct => given is not null ? $" ({option})" : inFile is not null ? " (generation_config.json)" : "";
}
