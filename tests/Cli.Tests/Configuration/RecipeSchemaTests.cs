using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Configuration;
using OrtDpo.Cli.Configuration.Schemas;
using OrtDpo.Runs.Yaml;

namespace OrtDpo.Cli.Tests.Configuration;

/// <summary>The schemas that editors read agree with the program; a validator of others' judges them.</summary>
public sealed class RecipeSchemaTests : IDisposable
{
    static readonly string[] Values =
    [
        "1", "-1", "0", "0.5", "1.5", "1e-6", "99", "2e3", "true", "false", "yes", "on", "off", "auto", "Auto", "keep", "text", "'text'",
        "'1'", "\"true\"", "''", "~", "null", "0x10", ".inf", "017", "2026-01-31", "cpu", "cuda:1", "gpu", "adamw", "float32", "fp16",
        "linear", "last", "step-4", "[]", "{}", "[1]", "[a]", "[a, b]", "[1, a]", "[true]", "[[a]]", "[~]", "{a: 1}",
        "{a: b, c: 2}", "{a: true}", "{a: [1]}",
        "|\n  text\n",
    ];

    readonly RecipeTrial trial = new();

    public static TheoryData<string> Verbs => [.. RecipeSchema.Verbs(OrtDpoCommand.Create()).Select(verb => verb.Name)];

    public void Dispose() => trial.Dispose();

    [Fact]
    public void The_committed_schemas_are_those_of_the_options()
    {
        var folder = Repository.Find("docs", "schema");
        var verbs = RecipeSchema.Verbs(OrtDpoCommand.Create()).ToList();
        Assert.Equal(
            verbs.Select(verb => $"{verb.Name}.json").Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        Assert.All(verbs, verb => Assert.True(
            RecipeSchema.Of(verb) == File.ReadAllText(Path.Combine(folder, $"{verb.Name}.json")),
            $"docs/schema/{verb.Name}.json is not what `ortdpo schema {verb.Name}` prints. Print it there anew."));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void What_the_program_prints_is_a_schema_of_draft_07(string verb)
    {
        var (exitCode, output, error) = trial.RunTyped("schema", verb);
        Assert.Equal((0, ""), (exitCode, error));
        var schema = JsonNode.Parse(output)!;
        Assert.Equal("http://json-schema.org/draft-07/schema#", (string)schema["$schema"]!);
        Assert.True(MetaSchemas.Draft7.Evaluate(JsonSerializer.SerializeToElement(schema)).IsValid);
        // Its first lines say what is mistyped as any other verb does.
        Assert.Equal(2, trial.RunTyped("schema", verb + "x").ExitCode);
    }

    // What goes together, and what the options themselves refuse beyond their types, is the program's to say.
    [Fact]
    public void What_a_schema_refuses_the_program_refuses()
    {
        var program = OrtDpoCommand.Create();
        // Verbs share options: each is tried once as it is written.
        var seen = new HashSet<string>();
        var (refused, taken) = (0, 0);
        using var folder = new TemporaryFolder();
        foreach (var verb in RecipeSchema.Verbs(program))
        {
            var (parse, schema) = (program.Parse(verb.Name), JsonSchema.FromText(RecipeSchema.Of(verb)));
            var properties = JsonNode.Parse(RecipeSchema.Of(verb))!["properties"]!.AsObject();
            var keys = properties.Where(property => seen.Add($"{property.Key} {property.Value}")).Select(property => property.Key);
            foreach (var key in keys.Append("no_such"))
            {
                foreach (var value in Values)
                {
                    var path = folder.Write("r.yaml", $"{key}: {value}\n");
                    var isValid = schema.Evaluate(Element(path)).IsValid;
                    var isTaken = IsTaken(path, parse);
                    Assert.True(isValid || !isTaken, $"{key}: {value} is taken by ortdpo {verb.Name} and refused by its schema.");
                    (refused, taken) = (refused + (isValid ? 0 : 1), taken + (isTaken ? 1 : 0));
                }
            }
        }

        Assert.True(refused > 500 && taken > 200, $"{refused} refused, {taken} taken.");
    }

    [Fact]
    public void Every_recipe_in_the_documents_is_valid_and_names_its_schema()
    {
        var recipes = DocumentedRecipes.All;
        Assert.True(recipes.Count >= 5, $"{recipes.Count} recipes are in the documents.");
        using var folder = new TemporaryFolder();
        foreach (var recipe in recipes)
        {
            var verb = OrtDpoCommand.Create().Subcommands.Single(one => one.Name == recipe.Verb);
            var path = folder.Write("r.yaml", recipe.Text);
            Assert.True(
                JsonSchema.FromText(RecipeSchema.Of(verb)).Evaluate(Element(path)).IsValid,
                $"{recipe.Document}: the recipe of {recipe.Verb} is not as its schema has it.");
            Assert.True(
                IsTaken(path, OrtDpoCommand.Create().Parse(recipe.Verb)), $"{recipe.Document}: ortdpo {recipe.Verb} refuses its recipe.");
        }
    }

    static bool IsTaken(string path, ParseResult parse)
    {
        try
        {
            Recipe.Read(path, parse);
            return true;
        }
        catch (UsageException)
        {
            return false;
        }
    }

    static JsonElement Element(string path) => JsonSerializer.SerializeToElement(Json(StrictYaml.Read(path)!));

    // As a reader of YAML 1.2 gives it to a validator: by the core schema.
    static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMapping mapping => new JsonObject(mapping.Entries.Select(entry => KeyValuePair.Create(entry.Name, Json(entry.Value)))),
        YamlList list => new JsonArray([.. list.Items.Select(Json)]),
        YamlScalar { IsNull: true } => null,
        YamlScalar { Truth: { } truth } => JsonValue.Create(truth),
        YamlScalar { IsNumber: true } scalar =>
            JsonValue.Create(decimal.Parse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture)),
        YamlScalar { IsNoText: true, Text: "0x10" } => JsonValue.Create(16),
        // JSON has no infinity; editors hand over a number.
        YamlScalar { IsNoText: true } => JsonValue.Create(1e308),
        YamlScalar scalar => JsonValue.Create(scalar.Text),
        _ => throw new InvalidOperationException("No node of YAML."),
    };
}
