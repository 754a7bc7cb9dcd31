using System.CommandLine;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Configuration.Schemas;

/// <summary><c>ortdpo schema</c>: the JSON schema of a verb's recipes, for editors.</summary>
static class SchemaCommand
{
    static readonly Argument<string> Verb = new("VERB") { Description = "The verb whose recipes are described, such as train." };

    public static Command Create()
    {
        var command = new Command("schema", "Prints the JSON schema of a verb's recipes, with which editors complete and check them.")
        {
            Verb,
        };
        command.SetStage(
            parse =>
            {
                var (name, verbs) = (parse.GetRequiredValue(Verb), RecipeSchema.Verbs(parse.RootCommandResult.Command).ToList());
                return verbs.FirstOrDefault(verb => verb.Name == name) ?? throw new ArgumentException(
                    $"{Verb.Name} is '{name}'; it must be one of {string.Join(", ", verbs.Select(verb => verb.Name))}.");
            },
            (verb, output) => output.WriteLine(RecipeSchema.Of(verb).TrimEnd('\n')));
        return command;
    }
}
