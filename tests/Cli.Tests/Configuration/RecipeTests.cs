using System.CommandLine;
using System.CommandLine.Parsing;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Configuration;

namespace OrtDpo.Cli.Tests.Configuration;

/// <summary>A recipe says what the same options say on the command line.</summary>
public sealed class RecipeTests : IDisposable
{
    readonly RecipeTrial trial = new();

    public static TheoryData<string> Verbs =>
        [.. OrtDpoCommand.Create().Subcommands.Where(verb => verb.Options.Count > 0).Select(verb => verb.Name)];

    public void Dispose() => trial.Dispose();

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_option_of_every_verb_may_stand_in_a_recipe_and_says_the_same(string name)
    {
        var program = OrtDpoCommand.Create();
        var verb = program.Subcommands.Single(one => one.Name == name);
        Assert.Single(verb.Options, option => option.Name == ConfigOption.Name);
        var keys = RecipeKeys.Of(verb);
        Assert.Equal(keys.Count, keys.DistinctBy(known => known.Key).Count());
        foreach (var (key, symbol) in keys)
        {
            var (written, words) = Sample(symbol);
            string[] typed = symbol switch
            {
                Argument => [words.Single()],
                _ when words.Length == 0 => [symbol.Name],
                _ => [.. words.SelectMany(word => new[] { symbol.Name, word })],
            };
            var expected = Tokens(program.Parse([name, .. typed]), symbol.Name);
            using var file = new TemporaryFolder();
            var path = file.Write("r.yaml", $"{key}: {written}\n");
            var line = ConfiguredLine.Typed(program, [name, "--config", path]).WithRecipe();
            Assert.Equal(expected, Tokens(line.Parse, symbol.Name));
        }
    }

    // A mapping under a verb's name can then be told from an option of that name.
    [Fact]
    public void No_option_that_is_called_as_a_verb_takes_a_mapping()
    {
        var verbs = OrtDpoCommand.Create().Subcommands;
        Assert.All(
            verbs.SelectMany(RecipeKeys.Of).Where(known => verbs.Any(verb => verb.Name == known.Key)),
            known => Assert.True(ValueForm.Of(known.Symbol).Facts.Forms is { IsObject: false, Joint: null }));
    }

    [Theory]
    [InlineData("1e-6")]
    [InlineData("1E-6")]
    [InlineData("1.0e-06")]
    [InlineData("0.000001")]
    [InlineData(".000001")]
    [InlineData("+1e-6")]
    public void A_number_is_what_the_option_makes_of_its_text(string text) => Assert.Equal(
        1e-6, Value<double>(trial.Parse("sft", $"model: m\nout: o\ndata: d\nlearning_rate: {text}"), "--learning-rate"));

    [Theory]
    [InlineData("data: a.jsonl")]
    [InlineData("data: [a.jsonl]")]
    [InlineData("data:\n  - a.jsonl")]
    [InlineData("data: 'a.jsonl'")]
    public void One_value_of_several_needs_no_list(string data) => Assert.Equal(
        ["a.jsonl"], Value<string[]>(trial.Parse("sft", $"model: m\nout: o\n{data}"), "--data")!);

    [Fact]
    public void Several_values_stay_in_their_order_whatever_they_are_called() => Assert.Equal(
        ["b c.jsonl", "--a", "x=y:z", "\"q\"", "-", "ä🙂.jsonl"],
        trial.Parse("sft", "model: m\nout: o\ndata: ['b c.jsonl', '--a', 'x=y:z', '\"q\"', '-', 'ä🙂.jsonl']") is var parse
            ? Value<string[]>(parse, "--data")! : []);

    [Theory]
    [InlineData("target_modules: q_proj,v_proj", "--target-modules", "q_proj,v_proj")]
    [InlineData("target_modules: [q_proj, v_proj]", "--target-modules", "q_proj,v_proj")]
    [InlineData("layers_to_transform: [8, 9]", "--layers-to-transform", "8,9")]
    [InlineData("layers_to_transform: 8", "--layers-to-transform", "8")]
    [InlineData("rank_pattern: {up_proj: 32, down_proj: 4}", "--rank-pattern", "up_proj=32,down_proj=4")]
    [InlineData("columns: {chosen: preferred}", "--columns", "chosen=preferred")]
    [InlineData("weights: [1, 0.50]", "--weights", "1,0.50")]
    [InlineData("chat_template_kwargs: {enable_thinking: false, depth: 3, name: a, of: [1.5, null]}", "--chat-template-kwargs",
        """{"enable_thinking":false,"depth":3,"name":"a","of":[1.5,null]}""")]
    [InlineData("chat_template_kwargs: {seed: 12345678901234567890, plus: +1, half: .5, text: '0x10'}", "--chat-template-kwargs",
        """{"seed":12345678901234567890,"plus":1,"half":0.5,"text":"0x10"}""")]
    [InlineData("chat_template_kwargs: '{\"enable_thinking\": false}'", "--chat-template-kwargs", "{\"enable_thinking\": false}")]
    public void Lists_and_mappings_stand_for_the_texts_that_options_take(string written, string option, string expected) =>
        Assert.Equal(
            expected,
            Value<string>(trial.Parse("sft", $"model: m\nout: o\ndata: d\nlora_rank: 4\n{written}"), option));

    [Fact]
    public void A_mix_of_losses_may_be_a_mapping_or_a_list()
    {
        const string Rest = "\nmodel: m\nout: o\nref: r";
        Assert.Equal(
            "sigmoid:0.8,sft:1", Value<string>(trial.Parse("train", "loss: {sigmoid: 0.8, sft: 1}" + Rest), "--loss"));
        Assert.Equal("sigmoid,sft", Value<string>(trial.Parse("train", "loss: [sigmoid, sft]" + Rest), "--loss"));
    }

    [Fact]
    public void A_word_of_an_option_is_a_word_where_older_yaml_takes_it_for_true()
    {
        var parse = trial.Parse("sft", "model: m\nout: o\ndata: d\nstream: on\nmemory: keep");
        Assert.Equal(("on", "keep"), (Tokens(parse, "--stream").Single(), Tokens(parse, "--memory").Single()));
    }

    [Fact]
    public void A_switch_that_is_false_is_not_given()
    {
        var parse = trial.Parse("sft", "model: m\nout: o\ndata: d\nresume: false\nforce: true");
        Assert.False(parse.IsGiven(Option(parse, "--resume")));
        Assert.True(Value<bool>(parse, "--force"));
        // It would have no effect, were it given.
        Assert.Equal(
            (1, "", "The model folder no-such-model does not exist."),
            trial.Run("sft", "model: no-such-model\nout: o\ndata: pairs.jsonl\nallow_leak: false\nrslora: false") is var run
                ? run with { Error = run.Error.Split(". ")[0] + "." } : default);
    }

    [Fact]
    public void What_is_typed_counts_instead()
    {
        var parse = trial.Parse(
            "sft", "model: m\nout: o\ndata: [a, b]\nlearning_rate: 1e-3\nforce: true",
            "--learning-rate", "2e-3", "--data", "c", "--force=false");
        Assert.Equal(2e-3, Value<double>(parse, "--learning-rate"));
        Assert.Equal(["c"], Value<string[]>(parse, "--data")!);
        Assert.False(Value<bool>(parse, "--force"));
        Assert.Equal("m", Value<string>(parse, "--model"));
    }

    [Theory]
    [InlineData("run: R1\nexport: E", new string[0], "R1")]
    [InlineData("run: R1\nexport: E", new[] { "R2" }, "R2")]
    [InlineData("run: R1\nexport: E", new[] { "--", "R2" }, "R2")]
    [InlineData("run: --json\nexport: E", new[] { "--threads", "1" }, "--json")]
    [InlineData("export: E", new[] { "R2", "--threads", "1", "--" }, "R2")]
    public void What_a_verb_takes_without_an_option_is_a_key_too(string recipe, string[] typed, string run)
    {
        var parse = trial.Parse("ship", recipe, typed);
        Assert.Equal(run, parse.GetValue((Argument<string?>)parse.CommandResult.Command.Arguments.Single()));
        Assert.Equal("E", Value<string>(parse, "--export"));
    }

    [Fact]
    public void Paths_are_seen_from_the_current_folder()
    {
        using var elsewhere = new TemporaryFolder();
        var data = Path.GetRelativePath(Directory.GetCurrentDirectory(), elsewhere.Write("rows.jsonl", ""));
        Assert.Equal([data], Value<string[]>(trial.Parse("sft", $"model: m\nout: o\ndata: '{data}'"), "--data")!);
        var (exitCode, _, error) = trial.Run("sft", $"model: {Path.Combine("..", "no-such-model")}\nout: o\ndata: '{data}'");
        Assert.Equal(1, exitCode);
        Assert.StartsWith($"The model folder {Path.Combine("..", "no-such-model")} does not exist.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_asks_for_no_recipe()
    {
        var (exitCode, output, error) = trial.RunTyped("train", "--config", "no-such.yaml", "--help");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("--config <recipe.yaml>", output, StringComparison.Ordinal);
    }

    // A value that the option takes: as YAML has it, and as words are typed.
    static (string Written, string[] Words) Sample(Symbol symbol)
    {
        var form = ValueForm.Of(symbol);
        var one = form switch
        {
            { Kind: ValueKind.Switch } => "true",
            { Choices: [var first, ..] } => first,
            { Kind: ValueKind.WholeNumber } => "2",
            { Kind: ValueKind.Number } => "0.25",
            _ => "a word",
        };
        if (symbol is Option option && form.Kind != ValueKind.Switch)
        {
            one = new[] { one, "2026-01-31", "2.5", "cpu", "8GB", "last", "auto" }.First(
                text => new Command("c") { option }.Parse([$"{option.Name}={text}"]).Errors.Count == 0);
        }

        return form.NeedsWord ? ("false", ["false"])
            : form.Kind == ValueKind.Switch ? (one, [])
            : form.IsMany ? ($"[{one}, {one}]", [one, one])
            : (one, [one]);
    }

    static string[] Tokens(ParseResult parse, string name) =>
        parse.CommandResult.Children.Single(child => Name(child) == name) is var result
            ?
            [
                .. result.Tokens.Select(token => token.Value),
                .. result is OptionResult { Implicit: true } ? ["not given"] : Array.Empty<string>(),
            ]
            : [];

    static string? Name(SymbolResult result) => result switch
    {
        OptionResult option => option.Option.Name,
        ArgumentResult argument => argument.Argument.Name,
        _ => null,
    };

    static Option Option(ParseResult parse, string name) => parse.CommandResult.Command.Options.Single(option => option.Name == name);

    static T? Value<T>(ParseResult parse, string name) => parse.GetValue((Option<T>)Option(parse, name));
}
