using System.Text.RegularExpressions;

namespace OrtDpo.Cli.Configuration.Peers;

/// <summary>A name of another trainer's, and what it is here: a key of ours, or the reason why there is none.</summary>
/// <param name="Name">Their name.</param>
/// <param name="Tools">Whose it is.</param>
sealed partial record PeerName(string Name, Peer Tools)
{
    /// <summary>The key that it is here; null: there is none.</summary>
    public string? Ours { get; init; }

    /// <summary>Why there is none; null: there is one.</summary>
    public PeerReason? WhyNot { get; init; }

    /// <summary>
    /// What is said of a value that was given, behind the name, with keys of ours in backticks; null: that it is the key with the same
    /// value.
    /// </summary>
    public Func<PeerSetting, string?> Says { get; init; } = _ => null;

    /// <summary>What is said of it, from the name on, without the end of the sentence.</summary>
    /// <param name="typed">The name as it was given.</param>
    /// <param name="setting">With what.</param>
    /// <param name="ours">How a key of ours is written.</param>
    public string Answer(string typed, PeerSetting setting, Func<string, string> ours)
    {
        if ((Says(setting) ?? WhyNot?.Sentence) is { } said)
        {
            return $"{typed} {Key().Replace(said, match => ours(match.Groups[1].Value))}";
        }

        return setting.Value is { } value && value.Length > 0
            ? $"{typed} is {ours(Ours!)}: write {setting.Write(Ours!, value)}"
            : $"{typed} is {ours(Ours!)}";
    }

    [GeneratedRegex("`([a-z0-9_]+)`")]
    private static partial Regex Key();
}
