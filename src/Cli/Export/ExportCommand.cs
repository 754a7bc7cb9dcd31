using System.CommandLine;
using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Export;
using OrtDpo.Models.Decoders;
using OrtDpo.Safetensors;

namespace OrtDpo.Cli.Export;

/// <summary><c>ortdpo export</c>: stage 3, an ONNX model that hosts of ONNX Runtime load as it is.</summary>
static class ExportCommand
{
    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "The run's folder; its newest checkpoint is exported.", Required = true };
        var destination = new Option<string>("--out")
        {
            Description = "The folder to make, which must not exist yet.",
            Required = true,
        }.NotEmpty();
        var dtype = DtypeOption.Create(
            "--dtype",
            "The type that weights are stored in: float32, bfloat16 or float16; by default that of the run's base. "
            + "Computation is float32.");
        var external = new Option<bool>("--external-data")
        {
            Description = "Put the weights into model.onnx.data beside model.onnx, as is always done above 2 GB.",
        };
        var attention = new Option<AttentionForm?>(OptionNames.Of(nameof(ExportOptions.Attention)))
        {
            HelpName = "plain|grouped",
            Description = "How attention is written: plain, in ONNX's own operators, for every device and padding on any side; or grouped, "
                + "as GroupQueryAttention, as GenAI's exporter has it: faster on long prompts, for the processor, and for batches that are "
                + "padded behind their prompts [default: plain].",
        };
        var device = DeviceOption.Create("the policy that the export is compared with");
        var threads = ThreadsOption.Create();
        var command = new Command("export", "Exports a run's policy to ONNX, and checks it against the policy on held-out pairs.")
        {
            run, destination, dtype, external, attention, device, threads,
        };
        command.SetStage(
            parse => (
                Run: parse.GetRequiredValue(run), Out: parse.GetRequiredValue(destination), Threads: parse.GetValue(threads),
                Dtype: DtypeOption.Bind(parse, dtype), Device: DeviceOption.Bind(parse, device),
                Options: new ExportOptions { ExternalData = parse.GetValue(external), Attention = parse.GetValue(attention) }),
            (asked, output) => Tell(
                RunExport.Run(
                    asked.Run, asked.Out, asked.Threads, asked.Dtype, asked.Device, chosen => DeviceLines.Tell(chosen, output),
                    asked.Options),
                output));
        return command;
    }

    internal static void Tell(ExportResult result, ProgramOutput output)
    {
        var parity = result.Parity;
        output.WriteLine($"exported: {result.Model}, from {result.Checkpoint}");
        if (!result.IsDtypeOfBase || parity.Rounding is not null)
        {
            var reason = result.IsDtypeOfBase ? "as the run's base was stored" : "--dtype";
            output.WriteLine($"weights: {result.Dtype.ConfigName()} ({reason})");
        }

        if (parity.Rounding is { } rounding)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"rounding: against the float32 checkpoint it moved log-probabilities by {rounding.MeanDifference:0.0e0} on average "
                + $"and at most {rounding.MaxDifference:0.0e0} nats per token; parity is with what is stored"));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"parity: mean {parity.MeanDifference:0.0e0} and at most {parity.MaxDifference:0.0e0} nats per token "
            + $"on {parity.Tokens} tokens of {parity.Pairs} {(result.IsHeldOut ? "held-out" : "training")} rows "
            + $"(limits {parity.MeanLimit:0e0} and {parity.MaxLimit:0e0})"));
        if (parity.Cache is { } cache)
        {
            var ties = cache.Ties == 0 ? "" : string.Create(
                CultureInfo.InvariantCulture, $", but {cache.Ties} whose two likeliest lie within 1e-4 nats");
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"cache: decoding with it makes the tokens that running all at once makes{ties}; mean {cache.MeanDifference:0.0e0} and "
                + $"at most {cache.MaxDifference:0.0e0} nats per token on {cache.Tokens} tokens after {cache.Prompts} prompts"));
        }
    }
}
