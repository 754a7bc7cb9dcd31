using System.Text.RegularExpressions;
using OrtDpo.Export.Cards;
using OrtDpo.Runs;
using OrtDpo.Safetensors;
using YamlDotNet.RepresentationModel;

namespace OrtDpo.Export.Tests.Cards;

/// <summary>Model cards, read back as a hub reads them.</summary>
public sealed class ModelCardTests : IDisposable
{
    static readonly ParityReport Parity = new(5, 60, 1.5e-7, 2e-6, 0, 1e-5, 5e-4);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_says_what_it_was_trained_on_how_and_what_came_of_it()
    {
        var run = Run("finished", "pairs");
        var card = RunCard.Of(run, CardSubject.Onnx("some/deploy", folder.Path, "bfloat16", Parity)).ToText();
        var fields = Fields(card);
        Assert.Equal(["pipeline_tag", "tags", "metrics", "model-index"], fields.Children.Keys.Select(key => key.ToString()));
        Assert.Equal(["onnx", "onnxruntime", "ortdpo", "dpo"], Texts(fields["tags"]));
        var result = ((YamlMappingNode)fields["model-index"][0])["results"][0];
        Assert.Equal("deploy", fields["model-index"][0]["name"]);
        Assert.Equal(("local", "pairs.jsonl"), ((string?)result["dataset"]["type"], (string?)result["dataset"]["name"]));
        // The line of metrics.jsonl.
        Assert.Equal(
            [
                ("accuracy", "rewards/accuracies", "1"), ("accuracy", "preference_accuracy", "1"),
                ("rewards/margins", "rewards/margins", "0.8836353614926338"), ("loss", "loss", "0.3615685857798009"),
            ],
            ((YamlSequenceNode)result["metrics"]).Select(m => ((string?)m["type"], (string?)m["name"], (string?)m["value"])));
        Assert.Contains("made of model by preference tuning with OrtDpo ", card, StringComparison.Ordinal);
        Assert.Contains(
            "| objective | loss sigmoid, beta 0.1 |\n| data | pairs.jsonl |\n| rows | 27 to train on, 5 held out |\n"
            + "| steps | 8, of 8 rows each |\n",
            card, StringComparison.Ordinal);
        Assert.Contains("After step 8, on 5 held-out rows:", card, StringComparison.Ordinal);
        Assert.Contains("| rewards/margins | 0.88364 |\n", card, StringComparison.Ordinal);
        Assert.Contains("Stored in bfloat16. Against the trained model with these weights, log-prob", card, StringComparison.Ordinal);
        var digest = FileDigest.OfFile(Path.Combine(run.Checkpoint, "model.safetensors"));
        Assert.Contains($"| checkpoint\\_digest | {digest} |\n", card, StringComparison.Ordinal);
        // Where folders lay is nobody's business.
        Assert.DoesNotContain("/tmp", card, StringComparison.Ordinal);
    }

    [Fact]
    public void A_supervised_run_has_no_accuracy()
    {
        var run = Run("supervised", cache: null);
        var fields = Fields(RunCard.Of(run, CardSubject.HuggingFace("made", WeightType.F32)).ToText());
        Assert.Equal(["library_name", "pipeline_tag", "tags", "model-index"], fields.Children.Keys.Select(key => key.ToString()));
        Assert.Equal("transformers", fields["library_name"]);
        Assert.Equal(["safetensors", "ortdpo", "sft"], Texts(fields["tags"]));
        Assert.Equal("loss", ((YamlSequenceNode)fields["model-index"][0]["results"][0]["metrics"]).Single()["type"]);
    }

    [Fact]
    public void What_the_card_of_the_base_says_of_conditions_is_kept_and_nothing_else()
    {
        var model = folder.File("models--own-er--na.me/snapshots/abc");
        Directory.CreateDirectory(model);
        File.WriteAllText(Path.Combine(model, "README.md"), """
            ---
            license: other
            license_name: 'odd "name": 1'
            language: [en, "no", 'de']
            base_model: another/base
            tags: [x]
            ---
            # Text
            """);
        var run = Run("finished", "pairs", ("model", model));
        var card = RunCard.Of(run, CardSubject.HuggingFace("made", WeightType.F32)).ToText();
        var fields = Fields(card);
        Assert.Equal(("other", "odd \"name\": 1"), ((string?)fields["license"], (string?)fields["license_name"]));
        // Norway's language is a word for false to readers of YAML 1.1.
        Assert.Equal(["en", "no", "de"], Texts(fields["language"]));
        Assert.Contains("- \"no\"\n", card, StringComparison.Ordinal);
        Assert.Equal(("own-er/na.me", "finetune"), ((string?)fields["base_model"], (string?)fields["base_model_relation"]));
        Assert.Contains("made of own\\-er/na.me by", card, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no front matter")]
    [InlineData("---\nlicense: [\n---\n")]
    [InlineData("---\nlicense: mit\n")]
    [InlineData("---\n- license\n---\n")]
    [InlineData("")]
    public void A_base_whose_card_cannot_be_read_says_nothing(string readme)
    {
        folder.Write("README.md", readme);
        Assert.Empty(BaseCard.In(folder.Path).Fields);
    }

    [Theory]
    [InlineData("/home/a/hub/models--gpt2/snapshots/1", "model", "gpt2")]
    [InlineData("/home/a/hub/datasets--o--d/snapshots/1/data.jsonl", "dataset", "o/d")]
    [InlineData("/home/a/hub/datasets--o--d/snapshots/1/data.jsonl", "model", null)]
    [InlineData("/home/a/Qwen/Qwen2.5-0.5B", "model", null)]
    public void The_cache_of_a_hub_says_what_lies_in_it(string path, string kind, string? name) =>
        Assert.Equal(name, HubOrigin.Of(path, kind));

    [Theory]
    [InlineData("https://huggingface.co/Qwen/Qwen2.5-0.5B", "model", "Qwen/Qwen2.5-0.5B")]
    [InlineData("https://user:token@hf.co/o/n.git", "model", "o/n")]
    [InlineData("https://huggingface.co/datasets/o/d", "dataset", "o/d")]
    [InlineData("https://huggingface.co/datasets/o/d", "model", null)]
    [InlineData("https://example.com/o/n", "model", null)]
    public void A_clone_says_where_it_came_from(string url, string kind, string? name)
    {
        Directory.CreateDirectory(folder.File(".git"));
        folder.Write(".git/config", $"[core]\n\tbare = false\n[remote \"origin\"]\n\turl = {url}\n\tfetch = +refs\n");
        Assert.Equal(name, HubOrigin.Of(folder.File("data/x.jsonl"), kind));
    }

    // Names that mean something in YAML or Markdown come back as they are.
    [Theory]
    [InlineData("null")]
    [InlineData("1.0")]
    [InlineData("2026-11-29")]
    [InlineData("a: b # c")]
    [InlineData("|x\ny| <b> `c` \\ \"d\" 'e' *f* é 𝔘")]
    [InlineData("---")]
    [InlineData("")]
    public void Odd_names_are_read_back(string name)
    {
        var card = new ModelCard
        {
            Name = name,
            Summary = "s",
            Parts = [],
            Fields = new Dictionary<string, object> { ["name"] = name, ["list"] = new List<string> { name } },
        };
        var fields = Fields(card.ToText());
        Assert.Equal(name, fields["name"]);
        Assert.Equal([name], Texts(fields["list"]));
        var title = card.ToText().Split("---\n\n# ")[1].Split("\n\ns")[0];
        Assert.DoesNotContain('\n', title);
        Assert.Equal(name.Replace('\n', ' '), Regex.Replace(title, @"\\(.)", "$1"));
    }

    static TrainedRun Run(string name, string? cache, params (string Name, string Value)[] other)
    {
        var recorded = Repository.Find("tests", "fixtures", "first-slice");
        var run = Path.Combine(recorded, "runs", name);
        var config = RunConfig.ReadFrom(run).ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
        foreach (var (entry, value) in other)
        {
            config[entry] = System.Text.Json.JsonSerializer.Serialize(value);
        }

        var checkpoint = Directory.GetDirectories(Path.Combine(run, "checkpoints")).Order(StringComparer.Ordinal).Last();
        return new TrainedRun(
            run, int.Parse(checkpoint.Split('-')[^1], System.Globalization.CultureInfo.InvariantCulture), checkpoint,
            cache is null ? null : Path.Combine(recorded, "caches", cache), config);
    }

    static YamlMappingNode Fields(string card)
    {
        Assert.StartsWith("---\n", card, StringComparison.Ordinal);
        var stream = new YamlStream();
        stream.Load(new StringReader(card[4..(card.IndexOf("\n---\n", StringComparison.Ordinal) + 1)]));
        return (YamlMappingNode)stream.Documents.Single().RootNode;
    }

    static IEnumerable<string?> Texts(YamlNode list) => ((YamlSequenceNode)list).Select(item => ((YamlScalarNode)item).Value);
}
