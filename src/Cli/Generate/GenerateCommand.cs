using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Data;

namespace OrtDpo.Cli.Generate;

/// <summary><c>ortdpo generate</c>: continues prompts.</summary>
static class GenerateCommand
{
    public static Command Create()
    {
        var model = new TextModelOptions();
        var prompt = new Option<string>("--prompt") { Description = "The text to continue." };
        var prompts = new Option<string>("--prompts")
        {
            Description = "A file of prompts in place of --prompt, in any form that data has: 'prompt', a text or messages, or 'messages'.",
        }.NotEmpty();
        var columns = new Option<string>(OptionNames.Of("Columns"))
        {
            Description = "The names that the columns have in --prompts: prompt=question.",
        }.Paired();
        var chat = new Option<bool>(OptionNames.Of("Chat"))
        {
            Description = "Write texts as messages of a user's, by the model's chat template, as messages always are; without it a text is "
                + "continued as it is.",
        };
        var template = new TemplateCommandOptions();
        var sampling = new SamplingCommandOptions(most: 128);
        var samples = new Option<int>("--num-samples")
        {
            Description = "Texts for each prompt, each with draws of its own.",
            DefaultValueFactory = _ => 1,
        }.Positive();
        var json = new Option<bool>("--json") { Description = "Print one JSON object a text, with its tokens and why it ended." };
        var command = new Command("generate", "Continues prompts, with the likeliest tokens or with tokens that are drawn.");
        model.AddModelTo(command);
        foreach (var option in (Option[])[prompt, prompts, columns, chat, .. template.All])
        {
            command.Add(option);
        }

        sampling.AddTo(command);
        command.Add(samples);
        command.Add(json);
        model.AddPlaceTo(command);
        command.SetStage(Bind, (asked, output) => new GenerateReport(asked, output).Run());
        return command;

        AskedTexts Bind(ParseResult parse)
        {
            if (parse.IsGiven(prompt) == parse.IsGiven(prompts))
            {
                throw new ArgumentException(parse.IsGiven(prompt)
                    ? $"{prompt.Name} and {prompts.Name} are both given; prompts come from one of them."
                    : $"{prompt.Name} is missing; {UsageErrors.PathOf(parse.CommandResult)} needs it, or {prompts.Name}.");
            }

            if (parse.IsGiven(columns) && !parse.IsGiven(prompts))
            {
                throw new ArgumentException($"{columns.Name} has no effect without {prompts.Name}.");
            }

            if (!parse.IsGiven(prompts) && !parse.GetValue(chat) && template.All.FirstOrDefault(parse.IsGiven) is { } inert)
            {
                throw new ArgumentException($"{inert.Name} has no effect without {chat.Name} or {prompts.Name}.");
            }

            sampling.RequireDraws(parse, samples);
            return new AskedTexts(
                model.Bind(parse), parse.GetValue(prompt), parse.GetValue(prompts),
                parse.GetValue(columns) is { } names ? ColumnNames.Parse(names) : null, parse.GetValue(chat), template.System(parse),
                template.Bind(parse), sampling.Bind(parse), parse.GetValue(samples), parse.GetValue(json));
        }
    }
}
