using Microsoft.ML.OnnxRuntimeGenAI;
using OrtDpo.Batches;
using OrtDpo.Export;
using OrtDpo.Export.Tests;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.GenAI.Tests;

/// <summary>Exports whose layers multiply by quantised weights, in ONNX Runtime GenAI.</summary>
[Trait("Speed", "native")]
public sealed class QuantizedHostTests
{
    const int Threads = 2;
    const int Length = 40;

    static readonly int[] Prompt = [1, 5, 9, 2, 30];

    static QuantizedHostTests() => OrtProcess.Start(Threads);

    /// <summary>Family, form, and whether embedding and head are quantised too.</summary>
    public static TheoryData<string, string, bool> Families =>
    [
        .. RandomFamily.Names.Select(name => (name, "int4", false)), ("llama", "nf4", false), ("gpt2", "nf4", false),
        ("qwen3", "int8", false), ("phi3", "int8", false), ("qwen2", "int4", true), ("mistral", "int8", true),
    ];

    [Theory]
    [MemberData(nameof(Families))]
    public void It_makes_the_tokens_that_plain_ONNX_Runtime_makes(string family, string dtype, bool head)
    {
        using var folder = new TemporaryFolder();
        RandomFamily.Write(family, folder);
        var output = folder.File("export");
        OnnxExport.Run(
            folder.Path, output, [Example.Pair([1, 2, 3], [4], [5])], Threads,
            StoredDtype.Named(dtype) with { Floats = WeightType.F32, QuantizesHead = head }, RandomFamily.Positions,
            options: RandomFamily.Unlimited);
        using var plain = new OnnxLogits(Path.Combine(output, "model.onnx"));
        // 0 ends a text, and is the last token then.
        var expected = GreedyDecoding.Continue(Prompt, Length - Prompt.Length, [0], plain.Next).ToList();
        using var host = new Model(output);
        Assert.Equal(expected, Continue(host, Prompt, Length)[Prompt.Length..].TakeWhile(id => id != 0));
    }

    /// <summary>
    /// Qwen2.5-0.5B's shape with its own tokenizer and random weights: nothing of its size, in vocabulary, positions or bytes, is in the
    /// way.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Speed", "long")]
    public void A_model_of_half_a_billion_weights_in_int4_answers(bool head)
    {
        const int NewTokens = 16;
        var tokenizer = SharedData.Folder(Path.Combine("tokenizers", "qwen2.5"));
        using var folder = new TemporaryFolder();
        HalfBillion.Write(folder, tokenizer);
        var ours = Tokenizers.ModelTokenizer.Load(folder.Path);
        var (prompt, text) = (ours.Encode("What is the capital of France?"), ours.Encode(" Paris."));
        var output = folder.File("export");
        OnnxExport.Run(
            folder.Path, output, [Example.Pair(prompt, text, [.. text.Reverse()])], Threads,
            StoredDtype.Named("int4") with { Floats = WeightType.BF16, QuantizesHead = head }, HalfBillion.Positions,
            options: RandomFamily.Unlimited);

        var before = Environment.WorkingSet;
        using var host = new Model(output);
        using var encoder = new Tokenizer(host);
        using var encoded = encoder.Encode("What is the capital of France?");
        Assert.Equal(prompt, encoded[0].ToArray());
        var made = Continue(host, prompt, prompt.Length + NewTokens);
        Assert.Equal(prompt.Length + NewTokens, made.Length);
        Assert.Equal(prompt, made[..prompt.Length]);
        Assert.NotEmpty(encoder.Decode(made));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"model.onnx {new FileInfo(Path.Combine(output, "model.onnx")).Length / 1e6:0} MB; "
            + $"the host takes {(Environment.WorkingSet - before) / 1e6:0} MB");
    }

    static int[] Continue(Model host, int[] prompt, int length)
    {
        using var parameters = new GeneratorParams(host);
        parameters.SetSearchOption("max_length", length);
        parameters.SetSearchOption("do_sample", false);
        using var generator = new Generator(host, parameters);
        generator.AppendTokens(prompt);
        while (!generator.IsDone())
        {
            generator.GenerateNextToken();
        }

        return generator.GetSequence(0).ToArray();
    }
}
