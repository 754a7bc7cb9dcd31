using System.CommandLine;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Train;

namespace OrtDpo.Cli.Artifacts;

/// <summary><c>ortdpo artifacts</c>: what ONNX Runtime's on-device training loads on phones and in browsers.</summary>
static class ArtifactsCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model")
        {
            Description = "The model to train: a Hugging Face folder, or one with an ONNX model and a tokenizer.",
            Required = true,
        }.NotEmpty();
        var destination = new Option<string>("--out")
        {
            Description = "The folder to make, which must not exist yet.",
            Required = true,
        }.NotEmpty();
        var maxLength = new Option<int>(OptionNames.Of(nameof(ArtifactRequest.MaxLength)))
        {
            Description = "The longest prompt with one completion, in tokens [default: the smaller of 1024 and the model's positions].",
        }.Positive();
        var seed = new Option<long>("--seed")
        {
            Description = "With --lora-rank: what the numbers that the adapter begins with are drawn from [default: 0].",
        };
        var logits = new Option<bool>("--logits")
        {
            Description = "Write logits_model.onnx, too: next-token logits, to make texts with the parameters that train.",
        };
        var external = new Option<bool>("--external-data")
        {
            Description = "Put the checkpoint's tensors into checkpoint.data beside it, as is always done above 2 GB. Browsers cannot load "
                + "it.",
        };
        var nominal = new Option<bool>("--nominal")
        {
            Description = "Write a checkpoint of names alone, whose numbers the device loads from elsewhere.",
        };
        var command = new Command(
            "artifacts", "Writes the models and the checkpoint of ONNX Runtime's on-device training, for phones and browsers.")
        {
            model, destination,
        };
        var objective = new ObjectiveCommandOptions(command);
        var adapter = new AdapterCommandOptions(command, hasBase: false);
        var optimizer = new ArtifactOptimizerOptions(command);
        foreach (var option in (Option[])[maxLength, seed, logits, external, nominal])
        {
            command.Add(option);
        }

        command.SetStage(
            parse =>
            {
                var (lora, folder) = adapter.Bind(parse);
                RequireEffect(parse.IsGiven(seed) && lora is null, seed, $"without {OptionNames.Of("Lora")}");
                RequireEffect(parse.GetValue(nominal) && parse.GetValue(external), external, $"with {nominal.Name}");
                return new ArtifactRequest
                {
                    Model = parse.GetRequiredValue(model), Out = parse.GetRequiredValue(destination), Adapter = folder, Lora = lora,
                    Seed = (ulong)parse.GetValue(seed), MaxLength = parse.Given(maxLength),
                    Options = new ArtifactOptions
                    {
                        Objective = objective.Bind(parse).Objective, Optimizer = optimizer.Bind(parse),
                        HasLogits = parse.GetValue(logits), ExternalData = parse.GetValue(external), IsNominal = parse.GetValue(nominal),
                    },
                };
            },
            (request, output) => ArtifactsReport.Tell(ArtifactWriter.Write(request), output));
        return command;
    }

    static void RequireEffect(bool isInert, Option option, string where)
    {
        if (isInert)
        {
            throw new ArgumentException($"{option.Name} has no effect {where}.");
        }
    }
}
