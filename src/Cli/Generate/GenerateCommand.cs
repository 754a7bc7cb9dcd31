using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Train;
using OrtDpo.Generate;

namespace OrtDpo.Cli.Generate;

/// <summary><c>ortdpo generate</c>: continues a prompt greedily.</summary>
static class GenerateCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model")
        {
            Description = "A folder that export wrote, a Hugging Face folder, or one with an ONNX model.",
            Required = true,
        };
        var adapter = AdapterCommandOptions.CreateAdapter("put on the model");
        var weights = BaseOption.Create();
        var prompt = new Option<string>("--prompt") { Description = "The text to continue.", Required = true };
        var most = new Option<int>("--max-new-tokens")
        {
            Description = "Tokens to add at most; the model's positions bound them too.",
            DefaultValueFactory = _ => 128,
        };
        var device = DeviceOption.Create("the model");
        var offload = new OffloadOptions();
        var threads = ThreadsOption.Create();
        var command = new Command("generate", "Continues a prompt, always with the likeliest token.")
        {
            model, adapter, weights, prompt, most.Positive(), device, threads,
        };
        offload.AddTo(command);
        command.SetStage(
            parse => (
                Model: parse.GetRequiredValue(model), Adapter: parse.GetValue(adapter), Base: BaseOption.Bind(parse, weights),
                Prompt: parse.GetRequiredValue(prompt), Most: parse.GetValue(most),
                Device: DeviceOption.Bind(parse, device), Offload: offload.Bind(parse), Threads: parse.GetValue(threads)),
            (asked, output) =>
            {
                using var text = TextModel.Load(asked.Model, asked.Threads, asked.Adapter, asked.Base, asked.Device, asked.Offload);
                output.WriteLine(asked.Prompt + text.Continue(
                    asked.Prompt, asked.Most, place => MemoryLines.Tell(place, asked.Offload, output)));
            });
        return command;
    }
}
