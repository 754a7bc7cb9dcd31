namespace OrtDpo.Cli.Configuration.Peers;

/// <summary>A setting of another trainer that somebody gave.</summary>
/// <param name="Value">Its value as one text; null: none, or a list or a mapping.</param>
/// <param name="Others">The values of the names that were given with it.</param>
/// <param name="Write">A key of ours with a value, as it is written where this was: <c>epochs: 3</c>, or <c>--epochs 3</c>.</param>
sealed record PeerSetting(string? Value, IReadOnlyDictionary<string, string?> Others, Func<string, string, string> Write)
{
    /// <summary>The value where it is a number.</summary>
    public int? Number => NumberOf(Value);

    /// <summary>Whether it is switched off.</summary>
    public bool IsOff => Value is not null && Value.ToLowerInvariant() is "false" or "no" or "none" or "0" or "0.0";

    /// <summary>The first of these names that was given with a whole number.</summary>
    public int? NumberOf(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Others.TryGetValue(name, out var text) && NumberOf(text) is { } number)
            {
                return number;
            }
        }

        return null;
    }

    static int? NumberOf(string? text) =>
        int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}
