using System.Globalization;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>What a policy is asked at each evaluation. No weight depends on it.</summary>
public sealed record SampleOptions
{
    const string None = "none";

    /// <summary>So many prompts of held-out rows, the first; 0: none.</summary>
    public int Samples { get; init; }

    /// <summary>A file of prompts in their place; null: none.</summary>
    public string? SamplePrompts { get; init; }

    /// <summary>Tokens of an answer at most.</summary>
    public int SampleTokens { get; init; } = 64;

    /// <summary>
    /// Draws the answers with this temperature and the run's seed, the same draws at each evaluation; null: always the likeliest token.
    /// </summary>
    public double? SampleTemperature { get; init; }

    /// <summary>Whether anything is asked.</summary>
    public bool AreAsked => Samples > 0 || SamplePrompts is not null;

    /// <summary>Adds them to a run's configuration. A resumed run may have others.</summary>
    /// <param name="config">The configuration.</param>
    public void AddTo(RunConfig config)
    {
        // Older runs know none of them.
        Add("samples", Samples.ToString(CultureInfo.InvariantCulture), "0");
        Add("sample_prompts", SamplePrompts is null ? None : Path.GetFullPath(SamplePrompts), None);
        Add("sample_tokens", AreAsked ? SampleTokens.ToString(CultureInfo.InvariantCulture) : None, None);
        Add("sample_temperature", SampleTemperature?.ToString("R", CultureInfo.InvariantCulture) ?? None, None);

        void Add(string name, string value, string usual) => config.Add(name, value).Informative(movesBits: false).Unless(usual);
    }
}
