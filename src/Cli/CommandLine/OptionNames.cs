using System.Text.RegularExpressions;
using OrtDpo.Objectives;

namespace OrtDpo.Cli.CommandLine;

/// <summary>
/// The options behind the properties that libraries name. A library writes a property in backticks, as in "`MaxLength` is 4096"; the
/// command line says the option in its place.
/// </summary>
public static partial class OptionNames
{
    static readonly Dictionary<string, string> ByProperty = new(
        Modifier.All.Select(m => KeyValuePair.Create(m.Property, "--" + m.Name.Replace('_', '-'))), StringComparer.Ordinal)
    {
        ["AcceptOneLabel"] = "--accept-one-label",
        ["AdamBeta1"] = "--adam-beta1",
        ["AdamBeta2"] = "--adam-beta2",
        ["AdamEpsilon"] = "--adam-epsilon",
        ["Adapter"] = "--adapter",
        ["Adapters"] = "--adapters",
        ["AllowLeak"] = "--allow-leak",
        ["Alpha"] = "--lora-alpha",
        ["AlphaPattern"] = "--alpha-pattern",
        ["Artifacts"] = "--artifacts",
        ["Attention"] = "--attention",
        ["Base"] = "--base",
        ["BatchPairs"] = "--batch-pairs",
        ["Chat"] = "--chat",
        ["ChatTemplate"] = "--chat-template",
        ["ChatTemplateKwargs"] = "--chat-template-kwargs",
        ["Checkpoint"] = "--checkpoint",
        ["Columns"] = "--columns",
        ["Compute"] = "--compute",
        ["Device"] = "--device",
        ["Dtype"] = "--dtype",
        ["EarlyStoppingPatience"] = "--early-stopping-patience",
        ["EarlyStoppingThreshold"] = "--early-stopping-threshold",
        ["Embeddings"] = "--embeddings",
        ["Engine"] = "--engine",
        ["EvalStrategy"] = "--eval-strategy",
        ["ExcludeModules"] = "--exclude-modules",
        ["Epochs"] = "--epochs",
        ["EvalFiles"] = "--eval-data",
        ["EvalFraction"] = "--eval-fraction",
        ["Experiment"] = "--mlflow-experiment",
        ["Export"] = "--export",
        ["ExternalData"] = "--external-data",
        ["FastInt4"] = "--fast-int4",
        ["FDivergence"] = "--f-divergence",
        ["Files"] = "--data",
        ["Format"] = "--format",
        ["Force"] = "--force",
        ["GpuMemory"] = "--gpu-memory",
        ["GreaterIsBetter"] = "--greater-is-better",
        ["KeepBase"] = "--keep-base",
        ["KeepBest"] = "--keep-best",
        ["LayersPattern"] = "--layers-pattern",
        ["LayersToTransform"] = "--layers-to-transform",
        ["LearningRate"] = "--learning-rate",
        ["Logits"] = "--logits",
        ["Lora"] = "--lora-rank",
        ["Loss"] = "--loss",
        ["LrSchedulerKwargs"] = "--lr-scheduler-kwargs",
        ["LrSchedulerType"] = "--lr-scheduler-type",
        ["MaxGradNorm"] = "--max-grad-norm",
        ["MaxLength"] = "--max-length",
        ["MaxPromptLength"] = "--max-prompt-length",
        ["MaxRows"] = "--max-rows",
        ["Memory"] = "--memory",
        ["MetricForBest"] = "--metric-for-best",
        ["MicroPairs"] = "--micro-pairs",
        ["MinScoreRatio"] = "--min-score-ratio",
        ["Mlflow"] = "--mlflow",
        ["Model"] = "--model",
        ["ModulesToSave"] = "--modules-to-save",
        ["Nominal"] = "--nominal",
        ["OnDeviceLibrary"] = "--on-device-library",
        ["Optimizer"] = "--optimizer",
        ["Out"] = "--out",
        ["Packages"] = "--packages",
        ["Pairs"] = "--pairs",
        ["Quantize"] = "--quantize",
        ["QuantizeHead"] = "--quantize-head",
        ["Rank"] = "--lora-rank",
        ["RankPattern"] = "--rank-pattern",
        ["Reference"] = "--reference",
        ["Report"] = "--report",
        ["Resume"] = "--resume",
        ["Reuse"] = "--reuse",
        ["Run"] = "--run",
        ["RunName"] = "--mlflow-run-name",
        ["SamplePrompts"] = "--sample-prompts",
        ["Samples"] = "--samples",
        ["SampleTemperature"] = "--sample-temperature",
        ["SampleTokens"] = "--sample-tokens",
        ["SaveDtype"] = "--save-dtype",
        ["SaveMinutes"] = "--save-minutes",
        ["SaveSteps"] = "--save-steps",
        ["SaveTotalLimit"] = "--save-total-limit",
        ["Stream"] = "--stream",
        ["System"] = "--system",
        ["Tags"] = "--mlflow-tag",
        ["TargetModules"] = "--target-modules",
        ["TemplateDate"] = "--template-date",
        ["TensorBoard"] = "--tensorboard",
        ["Thresholds"] = "--thresholds",
        ["Turns"] = "--turns",
        ["WarmupRatio"] = "--warmup-ratio",
        ["WarmupSteps"] = "--warmup-steps",
        ["WeightDecay"] = "--weight-decay",
        ["Weights"] = "--weights",
        ["WriteThresholds"] = "--write-thresholds",
    };

    /// <summary>The properties that have an option.</summary>
    public static IReadOnlyCollection<string> Properties => ByProperty.Keys;

    /// <summary>The option of <paramref name="property"/>.</summary>
    public static string Of(string property) => ByProperty[property];

    /// <summary><paramref name="text"/> with options where it names properties.</summary>
    public static string In(string text) =>
        Property().Replace(text, match => ByProperty.GetValueOrDefault(match.Groups[1].Value, match.Value));

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*)`")]
    private static partial Regex Property();
}
