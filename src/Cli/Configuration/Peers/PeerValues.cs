using System.CommandLine;
using System.CommandLine.Parsing;

namespace OrtDpo.Cli.Configuration.Peers;

/// <summary>Values that other trainers have for options that are called as ours are.</summary>
static class PeerValues
{
    /// <summary>All of them: the option, the value, and what it is here.</summary>
    public static IReadOnlyList<(string Option, string Value, string Answer)> All { get; } =
    [
        .. PeerNames.OptimizerValues.Select(value => ("--optimizer", value.Key, $"which is {value.Value} here")),
        ("--adapter", "lora", "which is no adapter's folder: a new adapter is made by --lora-rank"),
        ("--adapter", "qlora", "which is no adapter's folder: that is --lora-rank with --base nf4"),
        ("--chat-template", "tokenizer_default", "which is the model's own template here: leave it out"),
        ("--chat-template", "chatml", "which is no file: give a file of Jinja, or leave it out for the model's own template"),
        ("--chat-template", "llama3", "which is no file: give a file of Jinja, or leave it out for the model's own template"),
    ];

    /// <summary>What is said of the first such value of a command line; null where there is none. A path of that name is one.</summary>
    public static string? In(ParseResult parse) => parse.CommandResult.Children.OfType<OptionResult>()
        .SelectMany(result => result.Tokens.Select(token => (result.Option.Name, token.Value)))
        .Join(All, given => given, known => (known.Option, known.Value), (given, known) => known)
        .Where(known => !Path.Exists(known.Value))
        .Select(known => $"{known.Option} is '{known.Value}', {known.Answer}.")
        .FirstOrDefault();
}
