using System.Globalization;
using System.Text.Json;
using OrtDpo.Objectives;
using OrtDpo.Runs;

namespace OrtDpo.Train;

/// <summary>The objective of a run as it was asked for; <c>config.yaml</c> holds it with every number filled in.</summary>
/// <param name="Losses">The value of <c>--loss</c>.</param>
/// <param name="Given">The modifiers that were given.</param>
/// <exception cref="ArgumentException">They are no objective, or a modifier has no effect.</exception>
public sealed record LossChoice(string Losses, ObjectiveOptions Given)
{
    /// <summary>DPO, what <c>train</c> minimises where nothing else is asked for.</summary>
    public static LossChoice Dpo => new("sigmoid", new ObjectiveOptions());

    /// <summary>Token cross-entropy, what <c>sft</c> minimises.</summary>
    public static LossChoice Supervised => new("sft", new ObjectiveOptions());

    public Objective Objective { get; } = Objective.Parse(Losses, Given);

    /// <summary>The modifiers with their values, those that were not given too; in the words of <c>config.yaml</c>.</summary>
    public IEnumerable<(string Name, string Value)> Modifiers =>
    [
        .. Objective.Scalars.Select(s => (s.Key, Text(s.Value))),
        .. Given.FDivergence is { } divergence ? [("f_divergence", divergence)] : Array.Empty<(string, string)>(),
        // At 1 the divergence has become another, which has no such number.
        .. Given.FAlpha is { } alpha && !Objective.Scalars.ContainsKey("f_alpha")
            ? [("f_alpha", Text(alpha))]
            : Array.Empty<(string, string)>(),
        .. Objective.LdAlpha is { } discount ? [("ld_alpha", Text(discount))] : Array.Empty<(string, string)>(),
    ];

    /// <summary>Adds the objective to a run's configuration.</summary>
    public void AddTo(RunConfig config)
    {
        config.Add("loss", Objective.Losses);
        foreach (var (name, value) in Modifiers)
        {
            if (double.TryParse(value, CultureInfo.InvariantCulture, out var number))
            {
                config.Add(name, number);
            }
            else
            {
                config.Add(name, value);
            }
        }
    }

    /// <summary>The objective of a run, from its configuration.</summary>
    public static LossChoice FromConfig(IReadOnlyDictionary<string, string> config)
    {
        return new LossChoice(Word("loss")!, Modifier.All.Aggregate(
            new ObjectiveOptions { FDivergence = Word("f_divergence") },
            (options, modifier) => Number(modifier.Name) is { } number ? modifier.With(options, number) : options));

        double? Number(string name) => config.TryGetValue(name, out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : null;

        string? Word(string name) => config.TryGetValue(name, out var text) ? JsonSerializer.Deserialize<string>(text) : null;
    }

    /// <summary>For people: the losses with their formulas, and the numbers.</summary>
    public IEnumerable<string> Lines()
    {
        var numbers = string.Concat(Modifiers.Select(m => $", {m.Name} {m.Value}"));
        yield return $"loss: {Objective.Losses}{numbers}";
        foreach (var name in Objective.Losses.Split(',').Select(part => part.Split(':')[0]))
        {
            yield return $"  {name} is {Objective.Known.Single(known => known.Name == name).Description}";
        }
    }

    static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
