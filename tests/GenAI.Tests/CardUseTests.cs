using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntimeGenAI;
using OrtDpo.Export.Cards;

namespace OrtDpo.GenAI.Tests;

/// <summary>What a model card says of loading is what is run here, line by line.</summary>
[Trait("Speed", "native")]
public sealed class CardUseTests(DemoHost host) : IClassFixture<DemoHost>
{
    [Fact]
    public void A_text_is_continued()
    {
        var folder = host.Folder;
        // <card>
        using var model = new Model(folder);
        using var tokenizer = new Tokenizer(model);
        var text = "Once upon a time";
        using var prompt = tokenizer.Encode(text);
        using var options = new GeneratorParams(model);
        using var generator = new Generator(model, options);
        generator.AppendTokenSequences(prompt);
        while (!generator.IsDone())
        {
            generator.GenerateNextToken();
        }

        var answer = tokenizer.Decode(generator.GetSequence(0));
        // </card>
        Assert.Contains(Lines(), CardUse.GenAi(hasTemplate: false), StringComparison.Ordinal);
        Assert.StartsWith("Once upon a time", answer, StringComparison.Ordinal);
        Assert.Contains(
            """var text = tokenizer.ApplyChatTemplate(null, """ + "\"\"\"", CardUse.GenAi(hasTemplate: true), StringComparison.Ordinal);
    }

    static string Lines([CallerFilePath] string path = "")
    {
        var lines = File.ReadAllLines(path);
        return string.Concat(lines.SkipWhile(line => line.Trim() != "// <card>").Skip(1).TakeWhile(line => line.Trim() != "// </card>")
            .Select(line => line.Length > 8 ? line[8..] + "\n" : "\n"));
    }
}
