using System.CommandLine;
using System.CommandLine.Help;

namespace OrtDpo.Cli.Configuration;

/// <summary>The keys of a verb's recipe: its options and arguments under their names in snake case.</summary>
static class RecipeKeys
{
    /// <summary>The keys, in the order of the verb's help.</summary>
    public static IReadOnlyList<(string Key, Symbol Symbol)> Of(Command verb) =>
    [
        .. verb.Arguments.Select(argument => (Of(argument.Name), (Symbol)argument)),
        .. verb.Options.Where(IsKey).Select(option => (Of(option.Name), (Symbol)option)),
    ];

    /// <summary>The key of a name: <c>learning_rate</c> of <c>--learning-rate</c>, <c>run</c> of the argument <c>RUN</c>.</summary>
    public static string Of(string name) => name.TrimStart('-').Replace('-', '_').ToLowerInvariant();

    /// <summary>The option of a key, as it is typed.</summary>
    public static string OptionOf(string key) => "--" + key.Replace('_', '-');

    static bool IsKey(Option option) => option is not (HelpOption or VersionOption) && option.Name != ConfigOption.Name;
}
