namespace OrtDpo.Runs.Yaml;

/// <summary>What stands in a YAML file, as it is written: nobody has made a number or a date of it.</summary>
/// <param name="Place">Where it begins.</param>
public abstract record YamlNode(YamlPlace Place);

/// <summary>One value.</summary>
/// <param name="Text">Its text, without quotes.</param>
/// <param name="IsPlain">Whether it is neither quoted nor a block of lines: only then it may be something else than text.</param>
/// <param name="Place">Where it begins.</param>
public sealed record YamlScalar(string Text, bool IsPlain, YamlPlace Place) : YamlNode(Place)
{
    /// <summary>Whether it is YAML's nothing: no text at all, or one of its words for that.</summary>
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>Whether it is YAML's true or false; null: neither.</summary>
    public bool? Truth => !IsPlain ? null : Text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    /// <summary>Whether YAML 1.2 takes it for a whole number in decimals.</summary>
    public bool IsWholeNumber => IsPlain && YamlNumbers.IsWhole(Text);

    /// <summary>Whether YAML 1.2 takes it for a number in decimals.</summary>
    public bool IsNumber => IsPlain && YamlNumbers.IsOne(Text);

    /// <summary>Whether YAML 1.2 takes it for something else than text: nothing, true or false, or a number of any kind.</summary>
    public bool IsNoText => IsNull || Truth is not null || IsNumber || (IsPlain && YamlNumbers.IsOther(Text));

    /// <summary>Whether it is a whole number that older YAML reads in octal: 010 is eight there, and ten in YAML 1.2.</summary>
    public bool IsOctalInOlderYaml => IsWholeNumber && Text.TrimStart('-', '+') is ['0', _, ..];
}

/// <summary>A list.</summary>
/// <param name="Items">What is in it, in order.</param>
/// <param name="Place">Where it begins.</param>
public sealed record YamlList(IReadOnlyList<YamlNode> Items, YamlPlace Place) : YamlNode(Place);

/// <summary>Names with values; each name stands there once.</summary>
/// <param name="Entries">The names, in order.</param>
/// <param name="Place">Where it begins.</param>
public sealed record YamlMapping(IReadOnlyList<YamlEntry> Entries, YamlPlace Place) : YamlNode(Place);

/// <summary>A name with its value.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">What it has.</param>
/// <param name="Place">Where the name begins.</param>
public sealed record YamlEntry(string Name, YamlNode Value, YamlPlace Place);
