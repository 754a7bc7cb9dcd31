using System.Globalization;

namespace OrtDpo.Ship.Thresholds;

/// <summary>An entry of a thresholds file.</summary>
/// <param name="Name">The entry, and the check that it is of.</param>
/// <param name="Meaning">What it asks for, as the comment above it.</param>
/// <param name="Expected">The values that it takes, as in "it must be …".</param>
/// <param name="Text">Its value in thresholds, as a file has it.</param>
/// <param name="With">The thresholds with a value; null where the text is none.</param>
sealed record Threshold(
    string Name, string Meaning, string Expected, Func<ReleaseThresholds, string> Text,
    Func<ReleaseThresholds, string, ReleaseThresholds?> With)
{
    const string Required = "required";
    const string Off = "off";

    /// <summary>All entries, in the order of the checks.</summary>
    public static IReadOnlyList<Threshold> All { get; } =
    [
        Switch("run", "Every file of the run is as its manifest says.", t => t.Run, (t, on) => t with { Run = on }),
        Switch(
            "cache", "The reference cache is whole, and the one that the run was trained on.", t => t.Cache,
            (t, on) => t with { Cache = on }),
        Switch("data", "Data files that are given are those that the rows were made of.", t => t.Data, (t, on) => t with { Data = on }),
        Switch(
            "reference", "The reference is there, and says what the cache has of it.", t => t.Reference,
            (t, on) => t with { Reference = on }),
        Switch(
            "export", "The export is of the run's newest checkpoint, by digests.", t => t.Export, (t, on) => t with { Export = on }),
        Switch(
            "export_files", "Every file of the export is as its manifest says.", t => t.ExportFiles,
            (t, on) => t with { ExportFiles = on }),
        Switch(
            "tokenizer", "Cache, checkpoint and export have the run's tokenizer.", t => t.Tokenizer,
            (t, on) => t with { Tokenizer = on }),
        Switch(
            "chat_template", "The export has the chat template that the rows were made with.", t => t.ChatTemplate,
            (t, on) => t with { ChatTemplate = on }),
        Bound(
            "prompts", "Prompts that are held out, at least. Pairs of one prompt are not independent.", "a whole number from 1 on",
            number => number >= 1 && number <= int.MaxValue && number == Math.Floor(number), t => t.Prompts,
            (t, number) => t with { Prompts = (int?)number }),
        Bound(
            "accuracy", "rewards/accuracies on held-out pairs: the lower end of its 95 % interval is above this.",
            "a number from 0 to below 1", number => number is >= 0 and < 1, t => t.Accuracy, (t, number) => t with { Accuracy = number }),
        Bound(
            "margin", "The mean reward margin: the lower end of its 95 % interval is above this.", "a number", double.IsFinite,
            t => t.Margin, (t, number) => t with { Margin = number }),
        Bound(
            "chosen_fall",
            "How far the log-probability of chosen completions fell below the reference's, nats per token: the upper end of the 95 % "
            + "interval is at most this.",
            "a number", double.IsFinite, t => t.ChosenFall, (t, number) => t with { ChosenFall = number }),
        Bound(
            "perplexity",
            "The policy's perplexity of chosen completions over the reference's: the upper end of the 95 % interval is at most this.",
            "a number above 0", number => number > 0 && double.IsFinite(number), t => t.Perplexity,
            (t, number) => t with { Perplexity = number }),
        Bound(
            "kl",
            "KL(policy || reference) of the next token, after each beginning of chosen completions, nats per token: the upper end of the "
            + "95 % interval is at most this.",
            "a number from 0 on", number => number >= 0 && double.IsFinite(number), t => t.Kl, (t, number) => t with { Kl = number }),
        Switch("parity", "The exported model says what the policy says, run anew.", t => t.Parity, (t, on) => t with { Parity = on }),
        new(
            "unjudged", "What a check that cannot be judged comes to: error (exit code 1) or block (exit code 3).", "error or block",
            t => t.BlockUnjudged ? "block" : "error",
            (t, text) => text is "error" or "block" ? t with { BlockUnjudged = text == "block" } : null),
    ];

    static Threshold Switch(
        string name, string meaning, Func<ReleaseThresholds, bool> value, Func<ReleaseThresholds, bool, ReleaseThresholds> with) => new(
        name, meaning, $"{Required} or {Off}", t => value(t) ? Required : Off,
        (t, text) => text == Required ? with(t, true) : IsOff(text) ? with(t, false) : null);

    static Threshold Bound(
        string name, string meaning, string expected, Predicate<double> isOne, Func<ReleaseThresholds, double?> value,
        Func<ReleaseThresholds, double?, ReleaseThresholds> with) => new(
        name, meaning, $"{expected}, or {Off}", t => value(t)?.ToString(CultureInfo.InvariantCulture) ?? Off,
        (t, text) => IsOff(text) ? with(t, null)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && isOne(number) ? with(t, number)
            : null);

    // YAML's own words for nothing, too.
    static bool IsOff(string text) => text is Off or "null" or "~";
}
