using System.Globalization;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Objectives;

namespace OrtDpo.Cli.Artifacts;

/// <summary>What artifacts are and how they are fed, for people.</summary>
static class ArtifactsReport
{
    static readonly Dictionary<string, string> Meanings = new(StringComparer.Ordinal)
    {
        [FragmentPorts.InputIds] = "tokens, padded on the right with any id",
        [FragmentPorts.PositionIds] = "places in each sequence: every completion goes on after its prompt",
        [FragmentPorts.SegmentIds] = "1024 times the example, plus 0 for its prompt or k for its k-th completion; -1 = padding",
        [FragmentPorts.AttentionMask] = "1 = token, 0 = padding",
        [FragmentPorts.CompletionIndex] = "where in B*S each completion token is predicted: the position before it",
        [FragmentPorts.CompletionIds] = "the completions' tokens, that which ends a text included",
        [FragmentPorts.CompletionMask] = "1 = scored, 0 = padding",
        [LossPorts.RefChosenLogps] = "the reference's log-probabilities of the chosen completions, summed over tokens",
        [LossPorts.RefRejectedLogps] = "the same of the rejected ones",
        [LossPorts.RefLogps] = "the reference's log-probabilities of the completions, summed over tokens",
        [LossPorts.Labels] = "1 = desirable, 0 = not",
        [LossPorts.Kl] = "max(0, mean of policy - reference over mismatched rows), of the whole step",
        [LossPorts.Lengths] = "tokens of each completion",
        [LossPorts.LossScale] = "1 / rows of the optimizer step, of all batches that it accumulates",
        [LossPorts.TokenScale] = "1 / tokens to imitate of the optimizer step",
        [LossPorts.Loss] = "what this batch adds to the step's loss",
        [FragmentPorts.TokenLogps] = "log-probabilities of the completions' tokens",
        [LossPorts.Logps] = "their sums",
        [LossPorts.ChosenReward] = "rewards of the chosen completions",
        [LossPorts.RejectedReward] = "rewards of the rejected ones",
        [LossPorts.Reward] = "rewards",
        [ArtifactPorts.GradNorm] = "norm of all accumulated gradients, before clipping; not finite: skip the optimizer's step",
        [FragmentPorts.Logits] = "logits of the next token after each position",
    };

    public static void Tell(ArtifactResult result, ProgramOutput output)
    {
        var manifest = result.Manifest;
        output.WriteLine($"artifacts: {result.Folder}, {Subject(manifest)}");
        output.WriteLine($"loss: {manifest.Loss}{string.Concat(manifest.Scalars.Select(s => Text($", {s.Key} {s.Value}")))}");
        output.WriteLine(OptimizerOf(manifest.Optimizer));
        output.WriteLine(Text($"max length: {manifest.Model.MaxLength} tokens ({OptionNames.In(result.MaxLengthReason!)})"));
        output.WriteLine();
        output.WriteTable([.. result.Files.Select(file => new[] { file.Name, Text($"{file.Bytes:N0} bytes") })]);
        Tell(ArtifactWriter.TrainingFile, manifest.Training, manifest, output);
        if (manifest.Logits is { } logits)
        {
            Tell(ArtifactWriter.LogitsFile, logits, manifest, output);
        }

        output.WriteLine();
        output.WriteLine(manifest.Rows == ArtifactRows.Pair
            ? "completions stand chosen first: those of all pairs, then the rejected ones in the same order"
            : "completions stand in the order of the rows");
        foreach (var note in result.Notes)
        {
            output.WriteLine($"note: {OptionNames.In(note)}");
        }
    }

    static void Tell(string file, ModelSignature signature, ArtifactManifest manifest, ProgramOutput output)
    {
        output.WriteLine();
        output.WriteLine($"{file} takes");
        output.WriteTable([.. signature.Inputs.Select(Row)]);
        output.WriteLine("and gives");
        output.WriteTable([.. signature.Outputs.Select(Row)]);

        string[] Row(TensorSignature tensor) =>
        [
            $"  {tensor.Name}", $"{tensor.Type} [{string.Join(", ", tensor.Shape)}]",
            Meanings.TryGetValue(tensor.Name, out var meaning) ? meaning : Text($"{manifest.Scalars[tensor.Name]}, or another number"),
        ];
    }

    static string Subject(ArtifactManifest manifest)
    {
        var trained = manifest.Parameters.Where(p => p.Trains).ToList();
        var numbers = Text($"{trained.Sum(Count):N0} of {manifest.Parameters.Sum(Count):N0} numbers train");
        return manifest.Lora is null
            ? $"{manifest.Model.Family} whole: {numbers}"
            : $"an adapter on {manifest.Model.Family}: {numbers}";
    }

    static string OptimizerOf(ArtifactOptimizer optimizer)
    {
        var numbers = optimizer.Name == OptimizerKind.Sgd ? "sgd" : string.Create(
            CultureInfo.InvariantCulture,
            $"adamw, betas {optimizer.Beta1} and {optimizer.Beta2}, epsilon {optimizer.Epsilon:0.####e-0}, "
            + $"weight decay {optimizer.WeightDecay}");
        var clip = optimizer.MaxGradNorm > 0 ? Text($"clips at norm {optimizer.MaxGradNorm}") : "does not clip";
        return $"optimizer: {numbers}; {clip}; set its learning rate after each load of a checkpoint, where it is 0.001";
    }

    static long Count(ArtifactParameter parameter) => parameter.Shape.Aggregate(1L, (count, size) => count * size);

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
