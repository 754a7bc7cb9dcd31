using System.CommandLine;
using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Train;
using OrtDpo.Runs;
using OrtDpo.Train;
using OrtDpo.Train.Planning;
using OrtDpo.Training;

namespace OrtDpo.Cli.Plan;

/// <summary><c>ortdpo plan</c>: memory and time before anything runs.</summary>
static class PlanCommand
{
    static readonly Option<string> Model = new("--model")
    {
        Description = "The model to train: a Hugging Face folder, or one with an ONNX model and a tokenizer.",
        Required = true,
    };

    static readonly Option<int> Batch = new Option<int>("--batch-pairs")
    {
        Description = "Pairs (or rows that are no pairs) of an optimizer step.",
        DefaultValueFactory = _ => new TrainingOptions().BatchPairs,
    }.Positive();

    static readonly Option<int> Micro = new Option<int>("--micro-pairs")
    {
        Description = "Pairs (or rows that are no pairs) that go through the model together; "
            + "by default as many as fit a budget of positions.",
    }.Positive();

    static readonly Option<string> Optimizer = OptimizerOption.Create();

    static readonly Option<ActivationMemory> Memory = MemoryOption.Create();

    static readonly Option<string> Device = DeviceOption.Create("the model");

    static readonly Option<string> Dtype = ComputeDtypeOption.Create("What trains is float32 all the same [default: float32].");

    static readonly Option<string> GpuMemory = GpuMemoryOption.Create();

    static readonly OffloadOptions Offload = new();

    static readonly Option<int> Threads = ThreadsOption.Create();

    static readonly Option<bool> NoTime = new("--no-time")
    {
        Description = "Run no micro-batch: memory only, in a second and without taking any.",
    };

    static readonly Option<bool> Json = new("--json") { Description = "Print one JSON object." };

    public static Command Create()
    {
        var command = new Command("plan", "Says what memory and time the stages would take on this machine, before anything runs.")
        {
            Model,
        };
        var data = new DataOptions(
            command,
            "preference pairs ('chosen', 'rejected'), unpaired feedback ('completion', 'label') or "
            + "supervised rows ('completion' or 'messages')",
            required: true,
            hasTurns: true);
        foreach (var option in (Option[])[Batch, Micro, Optimizer, Memory, Device, Dtype, GpuMemory, Threads, NoTime, Json])
        {
            command.Add(option);
        }

        Offload.AddTo(command);
        var adapter = new AdapterCommandOptions(command);
        command.SetStage(
            parse =>
            {
                var (lora, folder) = adapter.Bind(parse);
                return (Request: new PlanRequest
                {
                    Model = parse.GetRequiredValue(Model),
                    Lora = lora,
                    Adapter = folder,
                    Base = adapter.BindBase(parse),
                    Data = data.Bind(parse),
                    Options = new TrainingOptions { BatchPairs = parse.GetValue(Batch), MicroPairs = parse.Given(Micro) },
                    Optimizer = OptimizerOption.Bind(parse, Optimizer),
                    Memory = parse.GetValue(Memory),
                    Device = DeviceOption.Bind(parse, Device),
                    Dtype = ComputeDtypeOption.Bind(parse, Dtype) ?? ComputeDtype.Float32,
                    GpuMemory = parse.GetValue(GpuMemory) is { } size ? GpuMemoryOption.Parse(size) : null,
                    Offload = Offload.Bind(parse),
                    Threads = parse.GetValue(Threads),
                    Measure = !parse.GetValue(NoTime),
                }, Json: parse.GetValue(Json));
            },
            (asked, output) =>
            {
                var plan = PlanStage.Run(asked.Request);
                if (asked.Json)
                {
                    output.WriteLine(JsonSerializer.Serialize(PlanJson.Of(plan), FileJson.Options));
                }
                else
                {
                    new PlanReport(output).Tell(plan, asked.Request);
                }
            });
        return command;
    }
}
