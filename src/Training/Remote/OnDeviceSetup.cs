using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Training.Remote;

/// <summary>What the program of the on-device engine is told to open: the text of its first message, as JSON.</summary>
public sealed record OnDeviceSetup
{
    /// <summary>The version of ONNX Runtime that the program binds: the last one whose training packages were published.</summary>
    public const string RuntimeVersion = "1.19.2";

    /// <summary>The package of NuGet that has it, built with training.</summary>
    public const string RuntimePackage = "Microsoft.ML.OnnxRuntime.Training";

    /// <summary>ONNX Runtime's native library, built with training.</summary>
    public required string Library { get; init; }

    /// <summary>The folder of the training artifacts, whose loss is the sum of slopes times log-probabilities.</summary>
    public required string Artifacts { get; init; }

    /// <summary>
    /// A folder for files between two states. The engine removes it at its end, which comes too where the loop's process was killed.
    /// </summary>
    public required string Temporary { get; init; }

    /// <summary>Threads of ONNX Runtime.</summary>
    public required int Threads { get; init; }

    /// <summary>Tokens of the model's vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>How the model reads batches.</summary>
    public required BatchLayout Layout { get; init; }

    /// <summary>Whether an adapter trains, and checkpoints are an adapter's.</summary>
    public required bool IsAdapter { get; init; }

    /// <summary>The type that checkpoints have their weights in: <c>F32</c>, <c>BF16</c> or <c>F16</c>.</summary>
    public required string SaveType { get; init; }

    /// <summary>
    /// The clip, decay, betas and epsilon that the artifacts' optimizer was made with; its other numbers are each update's.
    /// </summary>
    public required OptimizerStep Update { get; init; }

    /// <summary>The text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FileJson.Options);

    /// <summary>Reads the text.</summary>
    public static OnDeviceSetup FromJson(string json) => JsonSerializer.Deserialize<OnDeviceSetup>(json, FileJson.Options)!;
}
