using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Generate;

namespace OrtDpo.Cli.Generate;

/// <summary><c>ortdpo chat</c>: a conversation with a model.</summary>
static class ChatCommand
{
    public static Command Create()
    {
        var model = new TextModelOptions();
        var template = new TemplateCommandOptions();
        var sampling = new SamplingCommandOptions(most: 512);
        var command = new Command("chat", "Answers messages, a line each, from a terminal or a pipe.");
        model.AddModelTo(command);
        foreach (var option in template.All)
        {
            command.Add(option);
        }

        sampling.AddTo(command);
        model.AddPlaceTo(command);
        command.SetStage(
            parse => (Model: model.Bind(parse), System: template.System(parse), Template: template.Bind(parse),
                Sampling: sampling.Bind(parse)),
            (asked, output) =>
            {
                using var text = asked.Model.Load();
                var (options, lines) = asked.Sampling.For(text.Folder);
                var chat = text.Chat(new ChatOptions { System = asked.System, Template = asked.Template, Generation = options });
                foreach (var line in lines)
                {
                    output.WriteLine(line);
                }

                new ChatLoop(chat, Console.In, output, asked.Model.Offload, output.IsTerminal && !Console.IsInputRedirected).Run();
            });
        return command;
    }
}
