using System.CommandLine;
using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Export;
using OrtDpo.Export.Adapters;
using OrtDpo.Export.HuggingFace;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.Cli.Export;

/// <summary><c>ortdpo export</c>: stage 3, an ONNX model that hosts of ONNX Runtime load as it is.</summary>
static class ExportCommand
{
    const string HuggingFace = "hf";

    public static Command Create()
    {
        var run = new Option<string[]>("--run")
        {
            Description = "The run's folder. With --adapters several times: runs over one base.",
            Required = true,
        };
        var checkpoint = CheckpointOption.Create();
        var destination = new Option<string>("--out")
        {
            Description = "The folder to make, which must not exist yet.",
            Required = true,
        }.NotEmpty();
        var dtype = DtypeOption.CreateStored(
            "What weights are stored in: float32, bfloat16 or float16 (fp32, bf16, fp16), or, of the linear weights of the layers, int8, "
            + "int4 or nf4; by default what the run's base was held in, with its very bytes where that was 4 bits, or what --compute "
            + "says.");
        var compute = DtypeOption.Create(
            OptionNames.Of(nameof(ExportOptions.Compute)),
            "The type that the graph computes in, and has its cache and logits in: float32, float16 or bfloat16, which are for GPUs. "
            + "In 16 bits, norms, softmax and sums of layers stay float32 [default: float32].");
        var fast = new Option<bool>(OptionNames.Of("FastInt4"))
        {
            Description = "With int4: blocks of 128 (of a base that was held in int4, its own), and hosts may round what is multiplied "
                + "with them to 8 bits (accuracy_level 4): faster on processors, and no longer the numbers of what is stored.",
        };
        var head = new Option<bool>(OptionNames.Of("QuantizeHead"))
        {
            Description = "With int4 or int8: embedding and head are quantised to as many bits too, in blocks of 32, and are the same "
                + "bytes where the head is the embedding.",
        };
        var format = new Option<string>(OptionNames.Of("Format"))
        {
            HelpName = "onnx|hf",
            Description = "What is written: onnx, a model for hosts of ONNX Runtime; or hf, a folder that Hugging Face's Transformers "
                + "loads, an adapter merged into its base, in the base's dtype or --dtype [default: onnx].",
        }.Where(name => name is "onnx" or HuggingFace, "it must be onnx or hf")
            .Knowing(facts => facts with { Choices = ["onnx", HuggingFace] });
        var external = new Option<bool>("--external-data")
        {
            Description = "Put the weights into model.onnx.data beside model.onnx, as is always done above 2 GB.",
        };
        var adapters = new Option<bool>(OptionNames.Of("Adapters"))
        {
            Description = "Write the base with places for adapters, and of each run an .onnx_adapter file that hosts load beside it; "
                + "without it, a run's adapter is merged into its base.",
        };
        var attention = new Option<AttentionForm?>(OptionNames.Of(nameof(ExportOptions.Attention)))
        {
            HelpName = "plain|grouped",
            Description = "How attention is written: plain, in ONNX's own operators, for every device and padding on any side; or grouped, "
                + "as GroupQueryAttention, as GenAI's exporter has it: faster on long prompts, for the processor, and for batches that are "
                + "padded behind their prompts [default: plain].",
        };
        var device = DeviceOption.Create("the policy that the export is compared with");
        var offload = new OffloadOptions();
        var threads = ThreadsOption.Create();
        var command = new Command(
            "export", "Exports a run's policy to ONNX, or back to Hugging Face, and checks it against the policy on held-out pairs.")
        {
            run, checkpoint, destination, format, adapters, dtype, compute, fast, head, external, attention, device, threads,
        };
        offload.AddTo(command);
        command.SetStage(
            parse => (
                IsHuggingFace: IsHuggingFace(parse, format, [adapters, compute, fast, head, external, attention, device, .. offload.All]),
                Runs: Runs(parse, run, adapters), Checkpoint: CheckpointOption.Bind(parse, checkpoint),
                Out: parse.GetRequiredValue(destination), Adapters: parse.GetValue(adapters),
                Threads: parse.GetValue(threads), Dtype: DtypeOption.BindStored(parse, dtype, fast, head),
                Device: DeviceOption.Bind(parse, device), Offload: offload.Bind(parse),
                Options: new ExportOptions
                {
                    ExternalData = parse.GetValue(external), Attention = parse.GetValue(attention),
                    Compute = DtypeOption.Bind(parse, compute) ?? WeightType.F32,
                }),
            (asked, output) =>
            {
                if (asked.IsHuggingFace)
                {
                    HfLines.Tell(HfExport.Run(asked.Runs[0], asked.Out, asked.Threads, asked.Dtype, asked.Checkpoint), output);
                    return;
                }

                if (asked.Adapters)
                {
                    AdapterLines.Tell(
                        AdapterExport.Run(
                            asked.Runs, asked.Out, asked.Threads, asked.Dtype, asked.Device, asked.Offload, Opened, asked.Options,
                            asked.Checkpoint),
                        output);
                    return;
                }

                Tell(
                    RunExport.Run(
                        asked.Runs[0], asked.Out, asked.Threads, asked.Dtype, asked.Device, asked.Offload, Opened, asked.Options,
                        asked.Checkpoint),
                    output);

                void Opened(ForwardPlace place) => MemoryLines.Tell(place, asked.Offload, output);
            });
        return command;
    }

    internal static void Tell(ExportResult result, ProgramOutput output)
    {
        var parity = result.Parity;
        output.WriteLine($"exported: {result.Model}, from {result.Checkpoint}");
        if (!result.IsDtypeOfBase || parity.Rounding is not null || StoredDtype.IsQuantized(result.Dtype))
        {
            output.WriteLine(WeightLine.Of(result));
        }

        if (parity.Compute is { } compute)
        {
            output.WriteLine($"computes in: {compute.Dtype}, its cache and logits too; norms, softmax and sums of layers in float32");
        }

        ParityLines.Tell(parity, result.IsHeldOut, "the float32 checkpoint", output);
        NoteLines.Tell(result.Notes, output);
    }

    static bool IsHuggingFace(ParseResult parse, Option<string> format, IReadOnlyList<Option> inert)
    {
        if (parse.GetValue(format) != HuggingFace)
        {
            return false;
        }

        return inert.FirstOrDefault(parse.IsGiven) is not { } given ? true : throw new ArgumentException(
            $"{given.Name} has no effect with {format.Name} hf.");
    }

    static string[] Runs(ParseResult parse, Option<string[]> run, Option<bool> adapters)
    {
        var runs = parse.GetRequiredValue(run);
        return runs.Length == 1 || parse.GetValue(adapters) ? runs : throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Name} is given {runs.Length} times; without {adapters.Name} it can be given once."));
    }
}
