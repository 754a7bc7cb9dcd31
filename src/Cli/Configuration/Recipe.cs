using System.CommandLine;
using System.Text.RegularExpressions;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Runs.Yaml;

namespace OrtDpo.Cli.Configuration;

/// <summary>
/// A file of a verb's options. It stands for words of the command line, so that every rule about these holds for it: what is parsed,
/// refused or without effect there is so here.
/// </summary>
sealed partial class Recipe
{
    readonly string path;
    readonly IReadOnlyList<RecipeEntry> entries;
    Dictionary<string, YamlEntry> counting = [];

    Recipe(string path, IReadOnlyList<RecipeEntry> entries)
    {
        this.path = path;
        this.entries = entries;
    }

    /// <summary>Reads a recipe and checks each of its values by itself.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parse">The command line that it was given on.</param>
    /// <exception cref="IOException">The file is not there, or cannot be read.</exception>
    /// <exception cref="UsageException">It is no recipe of the verb; the message has file, line and column.</exception>
    public static Recipe Read(string path, ParseResult parse)
    {
        RequireFile(path);
        YamlMapping? found;
        try
        {
            found = StrictYaml.Read(path);
        }
        catch (InvalidDataException e)
        {
            throw new UsageException(e.Message);
        }

        if (found is not { Entries: [_, ..] })
        {
            throw new UsageException($"{path} holds no options. Leave {ConfigOption.Name} out, or write them as 'learning_rate: 1e-5'.");
        }

        try
        {
            var keys = RecipeKeys.Of(parse.CommandResult.Command).ToDictionary(known => known.Key, known => known.Symbol);
            return new Recipe(path, [.. found.Entries.Select(entry => Entry(entry, found, keys, parse))]);
        }
        catch (RecipeException e)
        {
            throw new UsageException($"{path} {e.Place}: {e.Message}");
        }
    }

    /// <summary>The command line with the recipe's words in it, but for options that were typed.</summary>
    public IReadOnlyList<string> Merge(ParseResult parse, IReadOnlyList<string> typed)
    {
        var counted = entries.Where(entry => !IsTyped(parse, entry.Symbol)).ToList();
        counting = counted.ToDictionary(entry => entry.Symbol.Name, entry => entry.Written, StringComparer.Ordinal);
        // Options stand before a "--", arguments behind it.
        var (before, behind) = (typed.TakeWhile(word => word != "--"), typed.SkipWhile(word => word != "--").Skip(1));
        string[] arguments =
            [.. behind, .. counted.Where(entry => entry.Symbol is Argument).SelectMany(entry => entry.Arguments)];
        return
        [
            .. before,
            .. counted.Where(entry => entry.Symbol is Option).SelectMany(entry => entry.Arguments),
            .. arguments is [] ? Array.Empty<string>() : ["--", .. arguments],
        ];
    }

    /// <summary>A sentence about options, with key and place for those that stand in the recipe.</summary>
    public string Placed(string sentence)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        var place = "";
        var text = OptionName().Replace(sentence, match =>
        {
            if (!counting.TryGetValue(match.Value, out var entry))
            {
                return match.Value;
            }

            if (!named.Add(match.Value))
            {
                return entry.Name;
            }

            if (match.Index == 0)
            {
                place = $"{path} {entry.Place}: ";
                return entry.Name;
            }

            return place.Length > 0 ? $"{entry.Name} ({entry.Place})" : $"{entry.Name} ({path} {entry.Place})";
        });
        return place + text;
    }

    static RecipeEntry Entry(YamlEntry entry, YamlMapping all, Dictionary<string, Symbol> keys, ParseResult parse)
    {
        if (!keys.TryGetValue(entry.Name, out var symbol))
        {
            throw new RecipeException(UnknownKey.Sentence(entry, all, keys.Keys, parse), entry.Place);
        }

        var form = ValueForm.Of(symbol);
        var words = RecipeWords.Of(entry.Name, entry.Value, form);
        var checkedAlone = new RecipeEntry(entry, symbol, words);
        if (symbol is Option option && words is not null && Fault(option, checkedAlone) is { } fault)
        {
            throw new RecipeException(fault, entry.Value.Place);
        }

        // The parser takes names of an enumeration in any case, and their numbers.
        return words?.FirstOrDefault(word => form.Choices?.Contains(word) == false) is { } other
            ? throw new RecipeException($"{entry.Name} is '{other}'; it must be {RecipeWords.Expected(form)}.", entry.Value.Place)
            : checkedAlone;
    }

    // What the option itself says of the value; how it goes with others shows when all are parsed together.
    static string? Fault(Option option, RecipeEntry entry)
    {
        var parse = new Command("recipe") { option }.Parse([.. entry.Arguments], new ParserConfiguration
        {
            EnablePosixBundling = false,
            ResponseFileTokenReplacer = null,
        });
        return UsageErrors.OfValues(parse) is { } fault
            ? OptionName().Replace(fault, match => match.Value == option.Name ? entry.Written.Name : match.Value)
            : null;
    }

    static bool IsTyped(ParseResult parse, Symbol symbol) => symbol switch
    {
        Option option => parse.IsGiven(option),
        Argument argument => parse.GetResult(argument) is { Tokens: [_, ..] },
        _ => false,
    };

    static void RequireFile(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"{path} is a folder. Give a recipe: a YAML file of options.");
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"The recipe {path} does not exist. Give a YAML file of options.", path);
        }
    }

    // As a word of its own: in a path it is another's name.
    [GeneratedRegex(@"(?<![\w./\\-])(--[a-z][a-z0-9-]*|[A-Z]{3,})(?![\w/\\-])")]
    private static partial Regex OptionName();
}
