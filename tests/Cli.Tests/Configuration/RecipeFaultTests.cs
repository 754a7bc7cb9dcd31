namespace OrtDpo.Cli.Tests.Configuration;

/// <summary>What is wrong in a recipe is one sentence that says where: file, line and column, and the key in place of the option.</summary>
public sealed class RecipeFaultTests : IDisposable
{
    static readonly string[] Typed = ["--model", "m", "--ref", "r", "--out", "o"];

    readonly RecipeTrial trial = new();

    public void Dispose() => trial.Dispose();

    [Theory]
    // What is no key.
    [InlineData("learning_rat: 1", "R line 1 column 1: learning_rat is not an option of ortdpo train; did you mean learning_rate?")]
    [InlineData("beta: 0.2\nlearning-rate: 1",
        "R line 2 column 1: learning-rate is not an option of ortdpo train; did you mean learning_rate?")]
    [InlineData("frobnicate: 1", "R line 1 column 1: frobnicate is not an option of ortdpo train.")]
    [InlineData("help: true", "R line 1 column 1: help is not an option of ortdpo train.")]
    [InlineData("shard: 1/2", "R line 1 column 1: shard is not an option of ortdpo train, but of precompute.")]
    [InlineData("config: other.yaml", "R line 1 column 1: a recipe names no other recipe. Write the options of both into one.")]
    [InlineData("train:\n  beta: 0.2",
        "R line 1 column 1: train is a verb with options of its own; a recipe holds those of one verb. Write the "
        + "options of ortdpo train without anything before them, and give each verb its own recipe.")]
    [InlineData("kind: \"train\"\nbeta: 0.1\ntokenizer_digest: \"00\"", "R line 1 column 1: kind is no option of ortdpo train: this is the "
        + "configuration that a run wrote of itself, with its digests and resolved numbers. Give the recipe that the run was made from; "
        + "with the same command and --resume the run goes on.")]
    // What is no YAML of this form.
    [InlineData("beta: 0.1\n\nbeta: 0.2", "R line 3 column 1: 'beta' is there already, in line 1. Remove one of them.")]
    [InlineData("- beta", "R line 1 column 1: found no mapping. Expected 'name: value' lines.")]
    [InlineData("beta", "R line 1 column 1: found no mapping. Expected 'name: value' lines.")]
    [InlineData("", "R holds no options. Leave --config out, or write them as 'learning_rate: 1e-5'.")]
    [InlineData("# beta: 1\n", "R holds no options. Leave --config out, or write them as 'learning_rate: 1e-5'.")]
    [InlineData("{}", "R holds no options. Leave --config out, or write them as 'learning_rate: 1e-5'.")]
    [InlineData("beta: 0.1\n---\nbeta: 0.1", "R line 2 column 1: a second document begins. Expected one.")]
    [InlineData("beta: &b 0.1", "R line 1 column 7: found the anchor &b. Leave it out: anchors are not read.")]
    [InlineData("beta: *b", "R line 1 column 7: found the alias *b. Write the value out: aliases are not read.")]
    [InlineData("<<: {beta: 0.1}", "R line 1 column 1: found the merge key <<. Write the entries out: merge keys are not read.")]
    [InlineData("beta: !!float 1",
        "R line 1 column 7: found the tag tag:yaml.org,2002:float. Leave it out: what a value is follows from how "
        + "it is written, text in quotes.")]
    [InlineData("%YAML 1.1\n---\nbeta: 0.1", "R line 1 column 1: found YAML 1.1. Expected 1.2, in which 'no' is a word and 010 is ten.")]
    [InlineData("? [a]\n: 1", "R line 1 column 3: found a list, a mapping or an alias. Expected a name.")]
    // What is of another type.
    [InlineData("beta:", "R line 1 column 6: beta has no value. Give it one, or leave the key out where nothing is meant.")]
    [InlineData("beta: ~", "R line 1 column 7: beta has no value. Give it one, or leave the key out where nothing is meant.")]
    [InlineData("resume: null", "R line 1 column 9: resume has no value. Give it one, or leave the key out where nothing is meant.")]
    [InlineData("beta: '0.1'", "R line 1 column 7: beta is '0.1' in quotes, which is text; it must be a number, without quotes.")]
    [InlineData("beta: much", "R line 1 column 7: beta is 'much'; it must be a number.")]
    [InlineData("beta: NaN", "R line 1 column 7: beta is 'NaN'; it must be a number.")]
    [InlineData("beta: .inf", "R line 1 column 7: beta is '.inf'; it must be a number.")]
    [InlineData("beta: 1_0", "R line 1 column 7: beta is '1_0'; it must be a number.")]
    [InlineData("beta: 0x1", "R line 1 column 7: beta is '0x1'; it must be a number.")]
    [InlineData("beta: [0.1]", "R line 1 column 7: beta is a list of 1; it must be a number.")]
    [InlineData("beta: {a: 1}", "R line 1 column 7: beta is a mapping; it must be a number.")]
    [InlineData("max_steps: 1.5", "R line 1 column 12: max_steps is '1.5'; it must be a whole number.")]
    [InlineData("max_steps: 1:30", "R line 1 column 12: max_steps is '1:30'; it must be a whole number.")]
    [InlineData("max_steps: 0o17", "R line 1 column 12: max_steps is '0o17'; it must be a whole number.")]
    [InlineData("max_steps: 017",
        "R line 1 column 12: max_steps is 017, which older YAML reads in octal; write it without the zero before it.")]
    [InlineData("max_steps: 99999999999", "R line 1 column 12: max_steps is '99999999999'; it must be a whole number.")]
    [InlineData("force: yes", "R line 1 column 8: force is 'yes'; it must be true or false, in these words and without quotes.")]
    [InlineData("force: 'true'", "R line 1 column 8: force is 'true'; it must be true or false, in these words and without quotes.")]
    [InlineData("force: 1", "R line 1 column 8: force is '1'; it must be true or false, in these words and without quotes.")]
    [InlineData("resume: sometimes",
        "R line 1 column 9: resume is 'sometimes'; it must be auto or a step that has a checkpoint, such as 40 or step-40.")]
    [InlineData("greater_is_better: 1",
        "R line 1 column 20: greater_is_better is '1'; it must be true or false, in these words and without quotes.")]
    [InlineData("adapter: true",
        "R line 1 column 10: adapter is true, which is true or false in YAML; it must be text. Write it in quotes if that "
        + "is what it is called.")]
    [InlineData("adapter: 17",
        "R line 1 column 10: adapter is 17, which is a number in YAML; it must be text. Write it in quotes if that is what it "
        + "is called.")]
    [InlineData("memory: Keep", "R line 1 column 9: memory is 'Keep'; it must be one of auto, keep, recompute.")]
    [InlineData("memory: often", "R line 1 column 9: memory is 'often'; it must be one of auto, keep, recompute.")]
    [InlineData("dtype: float16", "R line 1 column 8: dtype is float16; it must be float32 (fp32) or bfloat16 (bf16); float16 ends at "
        + "65,504 and at 6e-8, and gradients that leave that range would be lost.")]
    [InlineData("optimizer: [adamw]", "R line 1 column 12: optimizer is a list of 1; it must be one of adamw, adamw8bit.")]
    [InlineData("target_modules: []",
        "R line 1 column 17: target_modules is an empty list; it must be text or a list of such. Leave the key out "
        + "where nothing is meant.")]
    [InlineData("target_modules: [a, 'b,c']",
        "R line 1 column 21: target_modules has 'b,c' in it; each part must be without a comma and not empty.")]
    [InlineData("target_modules: [a, [b]]",
        "R line 1 column 21: target_modules has a list of 1 in its list; each must be text or a number.")]
    [InlineData("chat_template_kwargs: {a: 1e999}",
        "R line 1 column 27: chat_template_kwargs has 1e999 in it; a number there must be finite and in decimals. Write it in quotes if "
        + "it is text.")]
    [InlineData("chat_template_kwargs: {a: [.inf]}",
        "R line 1 column 28: chat_template_kwargs has .inf in it; a number there must be finite and in decimals. Write it in quotes if "
        + "it is text.")]
    [InlineData("chat_template_kwargs: {a: 0x10}",
        "R line 1 column 27: chat_template_kwargs has 0x10 in it; a number there must be finite and in decimals. Write it in quotes if "
        + "it is text.")]
    [InlineData("chat_template_kwargs: {a: 017}",
        "R line 1 column 27: chat_template_kwargs is 017, which older YAML reads in octal; write it without the zero before it.")]
    // What the options themselves refuse.
    [InlineData("beta: -1", "R line 1 column 1: beta is -1; it must be positive (typically 0.1 to 0.5).")]
    [InlineData("learning_rate: -1", "R line 1 column 16: learning_rate is -1; it must be positive.")]
    [InlineData("warmup_ratio: 2", "R line 1 column 15: warmup_ratio is 2; it must be between 0 and 1.")]
    [InlineData("adapter: ''", "R line 1 column 10: adapter is ''; it must be a path.")]
    [InlineData("device: gpu", "R line 1 column 9: device is gpu; it must be cpu, cuda, cuda:N (the GPU of number N) or auto.")]
    // What has no effect, or does not go together.
    [InlineData("epochs: 2\nmax_steps: 3", "R line 1 column 1: epochs has no effect beside max_steps (line 2 column 1); give one of them.")]
    [InlineData("micro_pairs: 9", "R line 1 column 1: micro_pairs is 9; it must be at most --batch-pairs, which is 8.")]
    [InlineData("lora_alpha: 4", "R line 1 column 1: lora_alpha has no effect without --lora-rank.")]
    [InlineData("max_length: 9", "R line 1 column 1: max_length has no effect beside --ref: the cache says what is cut and held out. "
        + "Give it to precompute.")]
    public void A_faulty_recipe_is_one_sentence_with_its_place(string recipe, string expected) =>
        Assert.Equal((2, "", $"{expected} See ortdpo train --help."), trial.Run("train", recipe, Typed));

    [Theory]
    [InlineData("sft", "model: m\ndata: d", "--out is missing; ortdpo sft needs it.")]
    [InlineData("train", "model: m\nout: o", "--ref is missing: sigmoid compares with a reference. Give the cache that precompute wrote.")]
    [InlineData("train",
        "model: m\nout: o\nref: r\nmax_length: 9", "R line 4 column 1: max_length has no effect beside ref (line 3 column 1): "
        + "the cache says what is cut and held out. Give it to precompute.")]
    [InlineData("train",
        "model: m\nout: o\nref: r\ndata: d", "R line 4 column 1: data and ref (line 3 column 1) are both given; the cache of ref "
        + "holds the data that it was made from. Give one of them.")]
    [InlineData("sft",
        "model: m\nout: o\ndata: d\nmax_prompt_length: 20\nmax_length: 10", "R line 4 column 1: max_prompt_length is 20; it must be "
        + "below max_length (line 5 column 1), which is 10, to leave room for completions.")]
    [InlineData("ship", "run: R1\nwrite_thresholds: t", "R line 1 column 1: run has no effect with write_thresholds (line 2 column 1).")]
    [InlineData("eval", "run: [a, b]", "R line 1 column 6: run is a list of 2; it must be text.")]
    [InlineData("export", "run: [a, b]\nout: o", "R line 1 column 1: run is given 2 times; without --adapters it can be given once.")]
    [InlineData("generate",
        "model: m\nprompt: null", "R line 2 column 9: prompt has no value. Give it one, or leave the key out where nothing is "
        + "meant.")]
    public void So_it_is_for_what_shows_when_all_is_there(string verb, string recipe, string expected) =>
        Assert.Equal((2, "", $"{expected} See ortdpo {verb} --help."), trial.Run(verb, recipe));

    [Fact]
    public void A_value_that_is_typed_over_must_be_right_all_the_same() => Assert.Equal(
        (2, "", "R line 1 column 16: learning_rate is -1; it must be positive. See ortdpo train --help."),
        trial.Run("train", "learning_rate: -1", [.. Typed, "--learning-rate", "0.1"]));

    [Fact]
    public void A_value_that_is_typed_over_is_named_by_its_option() => Assert.Equal(
        (2, "", "--beta is -1; it must be positive (typically 0.1 to 0.5). See ortdpo train --help."),
        trial.Run("train", "beta: 0.2", [.. Typed, "--beta", "-1"]));

    [Theory]
    [InlineData("--learning-rat", "1", "--learning-rat is not an option of ortdpo train; did you mean --learning-rate?")]
    [InlineData("--beta", "--seed", "--beta has no value; it needs a number.")]
    public void A_command_line_that_is_wrong_by_itself_asks_for_no_recipe(string option, string value, string expected) => Assert.Equal(
        (2, "", $"{expected} See ortdpo train --help."),
        trial.RunTyped(["train", .. Typed, "--config", "no-such.yaml", option, value]));

    [Theory]
    [InlineData("--config has no value; it needs a value.", "--config")]
    [InlineData("--config has no value; it needs a value.", "--config", "--beta", "1")]
    [InlineData("--config is ''; it must be a path.", "--config", "")]
    [InlineData("--config is given 2 times; it can be given once.", "--config", "a", "--config", "b")]
    public void So_is_a_recipe_that_is_not_named(string expected, params string[] typed) => Assert.Equal(
        (2, "", $"{expected} See ortdpo train --help."), trial.RunTyped(["train", .. Typed, .. typed]));

    [Fact]
    public void A_recipe_that_is_not_there_is_a_fault_of_the_world()
    {
        Assert.Equal(
            (1, "", "The recipe no-such.yaml does not exist. Give a YAML file of options."),
            trial.RunTyped("train", "--config", "no-such.yaml"));
        using var folder = new TemporaryFolder();
        Assert.Equal(
            (1, "", $"{folder.Path} is a folder. Give a recipe: a YAML file of options."),
            trial.RunTyped("train", "--config", folder.Path));
    }

    [Fact]
    public void What_is_found_in_the_world_names_the_key_too()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Write("rows.jsonl", """{"prompt": "a", "completion": "b"}""");
        var model = Repository.Find("tests", "fixtures", "first-slice", "model");
        var (exitCode, _, error) = trial.Run("sft", $"model: {model}\nout: {folder.File("out")}\ndata: {data}\nmax_length: 4096");
        Assert.Equal(1, exitCode);
        Assert.StartsWith("R line 4 column 1: max_length is 4096, and the mod", error, StringComparison.Ordinal);
    }

    [Fact]
    public void No_file_of_anything_else_is_taken_for_a_recipe()
    {
        using var folder = new TemporaryFolder();
        foreach (var (bytes, expected) in new (byte[], string)[]
            {
                ([0x62, 0x3A, 0x20, 0xFF], "F is not UTF-8. Save it as UTF-8."),
                ([.. Enumerable.Repeat((byte)'[', 100_000)], "F line 1 column 1: found no mapping. Expected 'name: value' lines."),
                (
                    [.. "beta: "u8, .. Enumerable.Repeat((byte)'[', 100)],
                    "F line 1 column 15: found lists or mappings in one another, 8 deep. Expected fewer."),
            })
        {
            var path = folder.Write("file", bytes);
            var (exitCode, output, error) = trial.RunTyped(["train", .. Typed, "--config", path]);
            Assert.Equal(
                (2, "", $"{expected} See ortdpo train --help."), (exitCode, output, error.Replace(path, "F", StringComparison.Ordinal)));
        }
    }
}
