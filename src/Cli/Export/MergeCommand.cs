using System.CommandLine;
using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Export;
using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Cli.Export;

/// <summary><c>ortdpo merge</c>: a model and its adapter become one model folder.</summary>
static class MergeCommand
{
    public static Command Create()
    {
        var adapter = new Option<string>("--adapter")
        {
            Description = "A LoRA adapter's folder: a run's checkpoint, or one that PEFT saved.",
            Required = true,
        }.NotEmpty();
        var model = new Option<string>("--model") { Description = "The adapter's base, where it is not where the adapter says." };
        var weights = BaseOption.Create();
        var destination = new Option<string>("--out")
        {
            Description = "The folder to make, which must not exist yet.",
            Required = true,
        }.NotEmpty();
        var dtype = DtypeOption.Create(
            "--dtype",
            "The type that weights are stored in: float32, bfloat16 or float16 (fp32, bf16, fp16); by default each as the base has it.");
        var quantize = new Option<string>(OptionNames.Of("Quantize"))
        {
            Description = "nf4: quantise the merged weights of the layers again, as bitsandbytes saves them; what that does is reported.",
        }.NotEmpty();
        var threads = ThreadsOption.Create();
        var command = new Command("merge", "Adds an adapter to its base, and checks the sum against the two.")
        {
            adapter, model, weights, destination, dtype, quantize, threads,
        };
        command.SetStage(
            parse => (
                Adapter: parse.GetRequiredValue(adapter), Model: parse.GetValue(model),
                Base: BaseOption.Bind(parse, weights), Out: parse.GetRequiredValue(destination),
                Dtype: DtypeOption.Bind(parse, dtype),
                Quantize: parse.GetValue(quantize) is { } name ? new BaseWeights(name) : null, Threads: parse.GetValue(threads)),
            (asked, output) => Tell(
                AdapterMerge.Run(
                    asked.Model ?? asked.Adapter, asked.Model is null ? null : asked.Adapter, asked.Out, asked.Dtype, asked.Threads,
                    asked.Base, asked.Quantize),
                output));
        return command;
    }

    static void Tell(MergeResult result, ProgramOutput output)
    {
        output.WriteLine($"merged: {result.Folder}, the adapter and {result.Model}");
        output.WriteLine($"weights: {result.Dtype.ConfigName()}");
        var parity = result.Parity;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"parity: mean {parity.MeanDifference:0.0e0} and at most {parity.MaxDifference:0.0e0} nats per token "
            + $"on {parity.Tokens} fixed tokens, in float32 (limits {parity.MeanLimit:0e0} and {parity.MaxLimit:0e0})"));
        if (parity.Rounding is { } rounding)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"rounding: as {rounding.Dtype} it is {rounding.MeanDifference:0.0e0} on average and at most "
                + $"{rounding.MaxDifference:0.0e0} nats per token from the adapter beside its base"));
        }

        output.WriteLine($"next: ortdpo generate --model {result.Folder} --prompt TEXT");
    }
}
