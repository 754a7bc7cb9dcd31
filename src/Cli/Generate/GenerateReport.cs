using System.Text.Json;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Data;
using OrtDpo.Generate;
using OrtDpo.Runs;

namespace OrtDpo.Cli.Generate;

/// <summary>Generates what was asked for, and prints it: on a terminal as it grows, elsewhere each text when it is whole.</summary>
sealed class GenerateReport(AskedTexts asked, ProgramOutput output)
{
    static readonly JsonSerializerOptions OneLine = new(FileJson.Options) { WriteIndented = false };

    public void Run()
    {
        using var model = asked.Model.Load();
        var prompts = asked.Prompts(model);
        var (options, lines) = asked.Sampling.For(model.Folder);
        Say(lines);
        var isFirst = true;
        foreach (var prompt in prompts)
        {
            for (var sample = 0; sample < asked.Samples; sample++)
            {
                var own = options with { Sample = sample };
                if (asked.Json)
                {
                    output.WriteLine(JsonSerializer.Serialize(GeneratedJson.Of(prompt, model.Generate(prompt, own), own), OneLine));
                    continue;
                }

                if (prompts.Count > 1 || asked.Samples > 1)
                {
                    Say(isFirst ? [] : [""]);
                    output.WriteLine(Title(prompt, sample));
                    isFirst = false;
                }

                Print(model, prompt, own);
            }
        }
    }

    void Say(IReadOnlyList<string> lines)
    {
        // Objects alone are what machines read.
        foreach (var line in asked.Json ? [] : lines)
        {
            output.WriteLine(line);
        }
    }

    // A text goes on behind its prompt; an answer stands by itself.
    void Print(TextModel model, PromptText prompt, GenerationOptions options)
    {
        var before = prompt.IsRendered ? "" : prompt.Text;
        var isBegun = false;
        var made = model.Generate(prompt, options, told =>
        {
            switch (told)
            {
                case GenerationEvent.Opened(var place):
                    MemoryLines.Tell(place, asked.Model.Offload, output);
                    break;
                case GenerationEvent.Part(var part) when output.IsTerminal:
                    output.Write(isBegun ? part : before + part);
                    isBegun = true;
                    break;
            }
        });
        output.WriteLine(!output.IsTerminal ? before + made.Text : isBegun ? "" : before);
    }

    string Title(PromptText prompt, int sample)
    {
        var id = prompt.Id ?? "prompt";
        return asked.Samples == 1 ? $"--- {id}" : FormattableString.Invariant($"--- {id}, sample {sample + 1} of {asked.Samples}");
    }
}
