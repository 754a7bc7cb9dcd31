using Microsoft.ML.OnnxRuntimeGenAI;
using OrtDpo.Batches;
using OrtDpo.Export;
using OrtDpo.Export.Adapters;
using OrtDpo.Export.Tests;
using OrtDpo.Export.Tests.Adapters;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.GenAI.Tests;

/// <summary>A base with slots, and adapters for it, in ONNX Runtime GenAI.</summary>
[Trait("Speed", "native")]
public sealed class AdapterTests
{
    const int Threads = 2;
    const int Length = 64;

    static readonly int[] Prompt = [1, 5, 9, 2, 30];

    static AdapterTests() => OrtProcess.Start(Threads);

    [Theory]
    [InlineData("llama", AttentionForm.Plain, WeightType.F32)]
    [InlineData("llama", AttentionForm.Grouped, WeightType.F32)]
    [InlineData("olmo2", AttentionForm.Plain, WeightType.F32)]
    [InlineData("qwen2", AttentionForm.Plain, WeightType.F16)]
    [InlineData("gemma3", AttentionForm.Plain, WeightType.BF16)]
    public void Adapters_are_swapped_and_make_the_tokens_that_plain_ONNX_Runtime_makes(string family, AttentionForm form, WeightType type)
    {
        using var folder = new TemporaryFolder();
        var model = RandomFamily.Write(family, folder);
        var output = folder.File("export");
        // For what lies beside the model.
        OnnxExport.Run(
            folder.Path, output, [Example.Pair([1, 2, 3], [4], [5])], Threads, type, RandomFamily.Positions,
            options: RandomFamily.Unlimited);
        var path = Path.Combine(output, "model.onnx");
        File.Delete(path);
        using (var opened = ModelFolder.Open(folder.Path))
        {
            opened.FixMaxLength(RandomFamily.Positions);
            StoredAs.Put(opened, type);
            SlottedModel.Write(path, opened, type, new() { Attention = form });
        }

        var one = RandomAdapter.Write(folder, "one", RandomAdapter.Of(model, seed: 1, _ => 4, type));
        var other = RandomAdapter.Write(folder, "other", RandomAdapter.Of(model, seed: 2, i => i % 2 == 0 ? 16 : 0, type));
        using var host = new Model(output);
        using var adapters = new Microsoft.ML.OnnxRuntimeGenAI.Adapters(host);
        adapters.LoadAdapter(one, "one");
        adapters.LoadAdapter(other, "other");
        using var plain = new OnnxLogits(path);
        var texts = new HashSet<string>();
        foreach (var (name, file) in new (string?, string?)[] { (null, null), ("one", one), ("other", other), ("one", one), (null, null) })
        {
            plain.Use(file);
            var made = Continue(host, adapters, name);
            // 0 ends a text, and is the last token then.
            var expected = GreedyDecoding.Continue(Prompt, Length - Prompt.Length, [0], plain.Next).ToList();
            Assert.Equal(expected, made[Prompt.Length..].TakeWhile(id => id != 0));
            texts.Add(string.Join(' ', made));
        }

        Assert.Equal(3, texts.Count);
    }

    static int[] Continue(Model host, Microsoft.ML.OnnxRuntimeGenAI.Adapters adapters, string? name)
    {
        using var parameters = new GeneratorParams(host);
        parameters.SetSearchOption("max_length", Length);
        using var generator = new Generator(host, parameters);
        if (name is not null)
        {
            generator.SetActiveAdapter(adapters, name);
        }

        generator.AppendTokens(Prompt);
        while (!generator.IsDone())
        {
            generator.GenerateNextToken();
        }

        return generator.GetSequence(0).ToArray();
    }
}
