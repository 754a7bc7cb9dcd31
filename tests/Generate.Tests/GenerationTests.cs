using OrtDpo.Adapters.Onnx;
using OrtDpo.Runtime.Generation;
using OrtDpo.Safetensors;

namespace OrtDpo.Generate.Tests;

[Trait("Speed", "native")]
public sealed class GenerationTests
{
    const int Threads = 2;
    const string Prompt = "User: What do you call a young dog?\nAssistant:";
    const string Other = "User: Name a colour.\nAssistant:";

    static readonly GenerationOptions Drawn = new() { MaxNewTokens = 40, Sampling = new Sampling { Temperature = 1.2 }, Seed = 5 };

    static string Demo => Repository.Find("models", "demo");

    static string Finished => Repository.Find("tests", "fixtures", "first-slice", "runs", "finished");

    [Fact]
    public void Without_options_it_is_the_greedy_continuation()
    {
        using var model = TextModel.Load(Demo, Threads);
        var made = model.Generate(Prompt);
        Assert.Equal(model.Continue(Prompt, 128), made.Text);
        Assert.Equal((FinishReason.Stop, 14), (made.Finish, made.PromptTokens));
    }

    [Fact]
    public void The_parts_that_are_told_are_the_text_as_it_grows()
    {
        using var model = TextModel.Load(Demo, Threads);
        var told = new List<GenerationEvent>();
        var made = model.Generate(Prompt, Drawn, told.Add);
        var parts = told.OfType<GenerationEvent.Part>().Select(part => part.Text).ToList();
        Assert.Equal(made.Text, string.Concat(parts));
        Assert.InRange(parts.Count, made.Ids.Count / 2, made.Ids.Count + 1);
        Assert.IsType<GenerationEvent.Opened>(told[0]);
        Assert.Single(told.OfType<GenerationEvent.Opened>());
        model.Generate(Other, Drawn, told.Add);
        Assert.Single(told.OfType<GenerationEvent.Opened>());
    }

    [Fact]
    public void A_seed_makes_the_same_text_whatever_was_made_before()
    {
        using var model = TextModel.Load(Demo, Threads);
        var alone = model.Generate(Prompt, Drawn);
        model.Generate(Other, Drawn);
        model.Generate(Prompt, Drawn with { Sample = 1 });
        Assert.Equal(alone.Ids, model.Generate(Prompt, Drawn).Ids);
        using var again = TextModel.Load(Demo, Threads);
        Assert.Equal(alone.Ids, again.Generate(Prompt, Drawn).Ids);
    }

    [Fact]
    public void Samples_and_seeds_make_different_texts()
    {
        using var model = TextModel.Load(Demo, Threads);
        var texts = Enumerable.Range(0, 4).Select(sample => Drawn with { Sample = sample }).Append(Drawn with { Seed = 6 })
            .Select(options => model.Generate(Prompt, options).Text);
        Assert.Equal(5, texts.Distinct().Count());
    }

    /// <summary>The likeliest of one is the likeliest, at any temperature.</summary>
    [Fact]
    public void One_token_to_draw_from_is_greedy()
    {
        using var model = TextModel.Load(Demo, Threads);
        Assert.Equal(
            model.Generate(Prompt).Ids,
            model.Generate(Prompt, new GenerationOptions { Sampling = new Sampling { Temperature = 5, TopK = 1 }, Seed = 99 }).Ids);
    }

    [Fact]
    public void Each_end_of_a_text_is_told()
    {
        using var model = TextModel.Load(Demo, Threads);
        var whole = model.Generate(Prompt);
        Assert.Equal(FinishReason.Stop, whole.Finish);
        var cut = model.Generate(Prompt, new GenerationOptions { MaxNewTokens = 4 });
        Assert.Equal((FinishReason.Length, 4), (cut.Finish, cut.Ids.Count));
        Assert.Equal(whole.Ids.Take(4), cut.Ids);

        // 256 positions, of which the prompt leaves a few.
        var rest = model.Generate(string.Concat(Enumerable.Repeat("a b ", 125)), Drawn with { MaxNewTokens = 200 });
        Assert.Equal((FinishReason.Positions, 256), (rest.Finish, rest.PromptTokens + rest.Ids.Count));

        using var stop = new CancellationTokenSource();
        var parts = 0;
        var stopped = model.Generate(Prompt, options: null, told =>
        {
            if (told is GenerationEvent.Part && ++parts == 3)
            {
                stop.Cancel();
            }
        }, stop.Token);
        Assert.Equal(FinishReason.Interrupted, stopped.Finish);
        Assert.StartsWith(stopped.Text, whole.Text, StringComparison.Ordinal);
        Assert.InRange(stopped.Ids.Count, 3, whole.Ids.Count - 1);
    }

    /// <summary>The token that the greedy text has sixth becomes an end beside the tokenizer's own.</summary>
    [Fact]
    public void Any_token_that_the_model_s_files_name_ends_a_text()
    {
        using var folder = new DemoChat();
        using var model = TextModel.Load(Demo, Threads);
        var whole = model.Generate(Prompt);
        folder.Write("generation_config.json", $$"""{"eos_token_id": [0, {{whole.Ids[5]}}]}""");
        using var ending = TextModel.Load(folder.Path, Threads);
        var made = ending.Generate(Prompt);
        Assert.Equal(whole.Ids.TakeWhile(id => id != whole.Ids[5]), made.Ids);
        Assert.Equal(FinishReason.Stop, made.Finish);
        Assert.Equal(model.Generate(Other).Ids.TakeWhile(id => id != whole.Ids[5]), ending.Generate(Other).Ids);
    }

    /// <summary>A thousandth of any logit is less than that of a token that was not there.</summary>
    [Fact]
    public void A_penalty_keeps_a_greedy_text_from_repeating()
    {
        using var model = TextModel.Load(Demo, Threads);
        var options = new GenerationOptions { MaxNewTokens = 40 };
        const string Repeats = "User: Say no, no, no, no, no.\nAssistant: No, no, no, no, no,";
        var (plain, penalised) = (model.Generate(Repeats, options), model.Generate(Repeats, options with { RepetitionPenalty = 1000 }));
        Assert.NotEqual(plain.Ids.Count, plain.Ids.Distinct().Count());
        Assert.Equal(penalised.Ids.Count, penalised.Ids.Distinct().Count());
    }

    [Fact]
    public void A_run_is_its_newest_checkpoint()
    {
        using var run = TextModel.LoadRun(Finished, Threads);
        using var checkpoint = TextModel.Load(run.Folder, Threads);
        Assert.Equal(Path.Combine(Finished, "checkpoints", "step-8"), run.Folder);
        Assert.Equal(checkpoint.Continue("7: apple door?", 16), run.Continue("7: apple door?", 16));
    }

    [Fact]
    public void A_run_that_is_given_as_a_model_is_refused_with_what_to_do()
    {
        var refused = Assert.Throws<InvalidDataException>(() => TextModel.Load(Finished, Threads));
        Assert.Equal($"{Finished} is a run, and no model folder. Give it as `Run`, or one of its checkpoints.", refused.Message);
    }

    [Fact]
    public void An_adapter_for_hosts_needs_a_model_for_hosts()
    {
        var refused = Assert.Throws<InvalidDataException>(() => TextModel.Load(Demo, Threads, adapter: "one.onnx_adapter"));
        Assert.StartsWith("one.onnx_adapter is an adapter for hosts of an ONNX model, and ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_that_the_model_has_no_place_for_is_refused_when_it_is_opened()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("one.onnx_adapter");
        using (var file = File.Create(path))
        {
            OnnxAdapterWriter.Write(file, new OnnxAdapter([new OnnxAdapterTensor("nowhere", WeightType.F32, [1, 1], new byte[4])]));
        }

        var export = Repository.Find("tests", "fixtures", "first-slice", "export");
        var refused = Assert.Throws<InvalidDataException>(() => TextModel.Load(export, Threads, path));
        Assert.StartsWith($"{path} is no adapter of {Path.Combine(export, "model.onnx")}: ", refused.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => TextModel.Load(export, Threads, folder.File("other.onnx_adapter")));
    }

    [Fact]
    public void Options_outside_their_ranges_are_refused()
    {
        using var model = TextModel.Load(Demo, Threads);
        foreach (var options in (GenerationOptions[])
        [
            new() { MaxNewTokens = 0 }, new() { RepetitionPenalty = 0 }, new() { Sampling = new Sampling { TopP = 2 } },
            new() { Sample = -1 },
        ])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => model.Generate(Prompt, options));
        }
    }
}
