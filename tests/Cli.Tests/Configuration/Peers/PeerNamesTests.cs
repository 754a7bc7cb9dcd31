using OrtDpo.Cli.Configuration;
using OrtDpo.Cli.Configuration.Peers;

namespace OrtDpo.Cli.Tests.Configuration.Peers;

/// <summary>The table of other trainers' names agrees with the options that there are.</summary>
public sealed class PeerNamesTests : IDisposable
{
    static readonly string[] Typed = ["--model", "m", "--ref", "r", "--out", "o"];

    static readonly string?[] Values =
    [
        null, "", "true", "false", "0", "0.1", "1", "3", "4", "8", "2.5", "auto", "dpo", "kto", "ipo", "pt", "lora", "full", "fp4",
        "adamw_torch",
        "sgd",
    ];

    readonly RecipeTrial trial = new();

    static HashSet<string> Keys => [.. OrtDpoCommand.Create().Subcommands.SelectMany(RecipeKeys.Of).Select(known => known.Key)];

    public void Dispose() => trial.Dispose();

    [Fact]
    public void Each_name_stands_there_once_and_is_no_option_of_ours()
    {
        Assert.Equal(PeerNames.All.Count, PeerNames.All.DistinctBy(peer => peer.Name).Count());
        var keys = Keys;
        Assert.DoesNotContain(PeerNames.All, peer => keys.Contains(peer.Name));
        Assert.All(PeerNames.All, peer => Assert.Equal(peer.Name, RecipeKeys.Of(peer.Name)));
    }

    [Fact]
    public void Each_name_is_an_option_that_there_is_or_has_a_reason_why_not()
    {
        var keys = Keys;
        Assert.All(PeerNames.All, peer =>
        {
            Assert.True(peer.Ours is null != peer.WhyNot is null, $"{peer.Name} has neither or both.");
            Assert.True(peer.Ours is null || keys.Contains(peer.Ours), $"{peer.Name} is {peer.Ours}, which is no option.");
            Assert.NotEqual(default, peer.Tools);
        });
    }

    [Fact]
    public void Each_reason_has_its_heading_in_the_page_of_what_is_not_here()
    {
        var headings = File.ReadLines(Repository.Find("docs", "not-here.md"))
            .Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..]).ToHashSet();
        Assert.All(PeerNames.All, peer => Assert.True(peer.WhyNot is null || headings.Contains(peer.WhyNot.Topic), peer.WhyNot?.Topic));
    }

    // Whatever is said of a value, a key of ours that it names exists.
    [Fact]
    public void What_is_said_names_options_that_there_are()
    {
        var (keys, written) = (Keys, new HashSet<string>());
        foreach (var peer in PeerNames.All)
        {
            foreach (var value in Values)
            {
                var others = new Dictionary<string, string?> { ["micro_batch_size"] = "2", ["gradient_accumulation_steps"] = "4" };
                var answer = peer.Answer(
                    peer.Name,
                    new PeerSetting(value, others, (key, text) => $"{Named(key)}: {text}"),
                    Named);
                Assert.StartsWith(peer.Name, answer, StringComparison.Ordinal);
                Assert.False(answer.EndsWith('.'), answer);
            }
        }

        Assert.Empty(written.Except(keys));
        Assert.Contains("batch_pairs", written);

        string Named(string key)
        {
            written.Add(key);
            return key;
        }
    }

    [Fact]
    public void Each_value_of_other_trainers_is_one_that_is_refused_or_no_path()
    {
        Assert.Equal(PeerValues.All.Count, PeerValues.All.DistinctBy(known => (known.Option, known.Value)).Count());
        Assert.Empty(PeerValues.All.Select(known => RecipeKeys.Of(known.Option)).Except(Keys));
        foreach (var (option, value, answer) in PeerValues.All)
        {
            Assert.Equal(
                (2, "", $"{option} is '{value}', {answer}. See ortdpo train --help."), trial.RunTyped(["train", .. Typed, option, value]));
        }
    }

    [Theory]
    [InlineData("--per_device_train_batch_size 4",
        "--per_device_train_batch_size is --micro-pairs: write --micro-pairs 4, and --batch-pairs 4 "
        + "(4 × 1) for an optimizer step.")]
    [InlineData("--per-device-train-batch-size=4 --gradient_accumulation_steps=8", "--per-device-train-batch-size is --micro-pairs: write "
        + "--micro-pairs 4, and --batch-pairs 32 (4 × 8) for an optimizer step.")]
    [InlineData("--num_train_epochs 3", "--num_train_epochs is --epochs: write --epochs 3.")]
    [InlineData("--loss_type ipo", "--loss_type ipo is --loss ipo, a mean over tokens as there.")]
    [InlineData("--rpo_alpha 0.5", "--rpo_alpha is the weight of sft in --loss: write --loss sigmoid,sft:0.5.")]
    [InlineData("--load_in_4bit", "--load_in_4bit is --base: write --base nf4.")]
    [InlineData("--max_samples", "--max_samples is --max-rows.")]
    [InlineData("--generation_top_p 0.9", "--generation_top_p is --top-p: write --top-p 0.9 (top_p is an option of generate, chat).")]
    [InlineData("--deepspeed ds.json",
        "--deepspeed has no place here: a run has one device; --shard of precompute divides scoring over machines, "
        + "and --memory, --base and --stream make a model fit (docs/not-here.md, Several devices).")]
    public void A_name_that_is_typed_is_answered_with_ours(string typed, string expected) => Assert.Equal(
        (2, "", $"{expected} See ortdpo train --help."), trial.RunTyped(["train", .. Typed, .. typed.Split(' ')]));

    [Fact]
    public void A_recipe_of_another_trainer_is_answered_in_one_go()
    {
        const string Theirs = """
            base_model: meta/llama
            learning_rate: 1e-6
            rl: dpo
            rl_beta: 0.1
            datasets:
              - path: pairs.jsonl
            sequence_len: 2048
            micro_batch_size: 2
            gradient_accumulation_steps: 8
            num_epochs: 1.0
            bf16: auto
            adapter: qlora
            lora_r: 16
            flash_attention: true
            """;
        var (exitCode, output, error) = trial.Run("train", Theirs);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Equal(
            "R line 1 column 1: base_model is model: write model: meta/llama; line 3: rl dpo is the verb train with loss: sigmoid, its "
            + "default; "
            + "line 4: rl_beta is beta: write beta: 0.1; line 5: datasets is data, a list of files; their forms are found by their "
            + "columns, and "
            + "columns gives others their names; line 7: sequence_len is max_length: write max_length: 2048; line 8: micro_batch_size is "
            + "micro_pairs: write micro_pairs: 2, and batch_pairs: 16 (2 × 8) for an optimizer step; line 9: gradient_accumulation_steps "
            + "is counted "
            + "in pairs here: write batch_pairs: 16 (2 × 8) for an optimizer step; line 10: num_epochs is epochs: write epochs: 1; line "
            + "11: bf16 "
            + "auto is dtype, which is float32 by default: leave it out; line 13: lora_r is lora_rank: write lora_rank: 16; line 14: "
            + "flash_attention has no place here: OrtDpo builds its own graphs and bounds the memory of logits and attention by itself; "
            + "leave it "
            + "out (docs/not-here.md, Kernels and compilers). See ortdpo train --help.",
            error);
    }

    [Theory]
    [InlineData("optimizer: adamw_torch", "R line 1 column 12: optimizer is 'adamw_torch', which is adamw here.")]
    [InlineData("adapter: lora",
        "R line 1 column 10: adapter is 'lora', which is no adapter's folder: a new adapter is made by --lora-rank.")]
    [InlineData("loss: kto_pair", "R line 1 column 1: loss is")]
    public void A_value_of_other_trainers_is_answered_with_ours(string recipe, string expected)
    {
        var (exitCode, _, error) = trial.Run("train", recipe, Typed);
        Assert.Equal(2, exitCode);
        if (recipe.StartsWith("loss", StringComparison.Ordinal))
        {
            Assert.Contains("'kto_pair' is not a loss; did you mean kto?", error, StringComparison.Ordinal);
            return;
        }

        Assert.Equal($"{expected} See ortdpo train --help.", error);
    }
}
