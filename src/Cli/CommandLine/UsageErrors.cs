using System.CommandLine;
using System.CommandLine.Parsing;
using OrtDpo.Cli.Configuration.Peers;
using OrtDpo.Objectives;

namespace OrtDpo.Cli.CommandLine;

/// <summary>The first thing that is wrong with a parsed command line, as one sentence.</summary>
static class UsageErrors
{
    /// <summary>The sentence, or null when the command line can be run.</summary>
    /// <param name="parse">The command line, parsed.</param>
    /// <param name="arguments">The same as it was typed.</param>
    public static string? First(ParseResult parse, IReadOnlyList<string> arguments)
    {
        // Help and version leave no errors behind, whatever else was typed.
        if (parse.Action?.ClearsParseErrors == true)
        {
            return null;
        }

        return OfWords(parse, arguments) ?? OfValues(parse);
    }

    /// <summary>What is wrong with the values, or missing; null where that is nothing.</summary>
    public static string? OfValues(ParseResult parse) =>
        PeerValues.In(parse) ?? (parse.Errors is [var error, ..] ? Sentence(parse, error) : null);

    /// <summary>What is wrong with the words themselves, whatever else is given; null where that is nothing.</summary>
    public static string? OfWords(ParseResult parse, IReadOnlyList<string> arguments) =>
        Duplicate(parse) ?? WithoutValue(parse, arguments) ?? Unknown(parse) ?? Swallowed(parse);

    /// <summary>The command as it is typed, such as <c>ortdpo train</c>.</summary>
    public static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : command.Command.Name;

    static string? Duplicate(ParseResult parse) =>
        parse.CommandResult.Children.OfType<OptionResult>().FirstOrDefault(IsDuplicate) is { } twice
            ? $"{twice.Option.Name} is given {twice.IdentifierTokenCount} times; it can be given once."
            : null;

    static bool IsDuplicate(OptionResult result) => result.IdentifierTokenCount > 1 && result.Option.Arity.MaximumNumberOfValues <= 1;

    // An option that needs a value takes for it whatever follows, another option too: a value that is called so is typed after '='.
    static string? WithoutValue(ParseResult parse, IReadOnlyList<string> arguments)
    {
        var options = parse.CommandResult.Command.Options.Concat(parse.RootCommandResult.Command.Options.Where(option => option.Recursive))
            .SelectMany(option => option.Aliases.Append(option.Name).Select(name => (name, option)))
            .Where(named => named.name.StartsWith('-'))
            .ToLookup(named => named.name, named => named.option, StringComparer.Ordinal);
        return arguments.Zip(arguments.Skip(1))
            // What follows is no option, whatever it is called.
            .TakeWhile(pair => pair.First != "--")
            .Where(pair => options.Contains(pair.Second.Split('=')[0]))
            .SelectMany(pair => options[pair.First])
            .FirstOrDefault(option => option.Arity.MinimumNumberOfValues > 0) is { } empty
                ? NoValue(empty)
                : null;
    }

    static string NoValue(Option option) => $"{option.Name} has no value; it needs {Kind(option.ValueType)}.";

    static string? Unknown(ParseResult parse)
    {
        if (parse.UnmatchedTokens is not [var token, ..])
        {
            return null;
        }

        var command = parse.CommandResult.Command;
        var path = PathOf(parse.CommandResult);
        if (token.StartsWith('-'))
        {
            return NoOption(parse, token);
        }

        return command.Subcommands.Count > 0
            ? $"'{token}' is not a verb of {path}{Suggestion(token, command.Subcommands.Select(verb => verb.Name))}"
            : $"'{token}' belongs to no option of {path}.";
    }

    // An option that takes several values takes for one of them whatever follows that is no option. A file can be called so, too.
    static string? Swallowed(ParseResult parse) => parse.CommandResult.Children.OfType<OptionResult>()
        .Where(result => result.Option.AllowMultipleArgumentsPerToken)
        .SelectMany(result => result.Tokens.Select(token => token.Value))
        .FirstOrDefault(value => value.StartsWith("--", StringComparison.Ordinal) && !Path.Exists(value) && !IsOption(parse, value))
            is { } option
            ? NoOption(parse, option)
            : null;

    static bool IsOption(ParseResult parse, string value) =>
        parse.CommandResult.Command.Options.Any(option => option.Name == value.Split('=')[0]);

    static string NoOption(ParseResult parse, string token)
    {
        var name = token.Split('=')[0];
        if (PeerAnswers.OfOption(token, parse) is { } answer)
        {
            return answer;
        }

        var names = parse.CommandResult.Command.Options.Select(option => option.Name);
        return $"{name} is not an option of {PathOf(parse.CommandResult)}{Suggestion(name, names)}";
    }

    static string Suggestion(string typed, IEnumerable<string> names) =>
        NearestName.Of(typed, names) is { } name ? $"; did you mean {name}?" : ".";

    /// <summary>What an error of the parser is in one sentence.</summary>
    public static string Sentence(ParseResult parse, ParseError error)
    {
        var command = parse.CommandResult.Command;
        switch (error.SymbolResult)
        {
            case OptionResult { IdentifierTokenCount: > 0, Tokens: [] } option:
                return NoValue(option.Option);
            case OptionResult { Tokens: [var token] } option
                when error.Message.StartsWith("Cannot parse argument", StringComparison.Ordinal):
                return $"{option.Option.Name} is '{token.Value}'; it must be {Kind(option.Option.ValueType)}.";
            case CommandResult when command.Action is null:
                return $"A verb is missing: {string.Join(", ", command.Subcommands.Select(verb => verb.Name))}.";
            case ArgumentResult or CommandResult
                when command.Arguments.FirstOrDefault(argument => parse.GetResult(argument)?.Tokens is not [_, ..]) is { } absent:
                return $"{absent.Name} is missing; {PathOf(parse.CommandResult)} needs it.";
            case OptionResult { Option.Required: true, IdentifierTokenCount: 0 } absent:
                return $"{absent.Option.Name} is missing; {PathOf(parse.CommandResult)} needs it.";
            default:
                return error.Message;
        }
    }

    static string Kind(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return Type.GetTypeCode(type) switch
        {
            _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type).Select(name => name.ToLowerInvariant()))}",
            TypeCode.Int32 or TypeCode.Int64 or TypeCode.UInt64 => "a whole number",
            TypeCode.Single or TypeCode.Double => "a number",
            TypeCode.Boolean => "true or false",
            _ when typeof(FileSystemInfo).IsAssignableFrom(type) => "a path",
            _ => "a value",
        };
    }
}
