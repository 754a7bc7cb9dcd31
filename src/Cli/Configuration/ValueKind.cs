namespace OrtDpo.Cli.Configuration;

/// <summary>What the values of an option are in a recipe.</summary>
enum ValueKind
{
    /// <summary>True or false.</summary>
    Switch,

    /// <summary>A whole number.</summary>
    WholeNumber,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Text.</summary>
    Text,
}
