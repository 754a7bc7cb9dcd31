using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>
/// An adapter of <c>tests/golden/adapters</c> on its tiny model, and what PyTorch made of it in float64 before and after it trained
/// (make_golden.py).
/// </summary>
sealed class GoldenAdapter : IDisposable
{
    public const string Before = "before";
    public const string After = "after";

    readonly string path;
    readonly JsonDocument expected;
    readonly TemporaryFolder rounded = new();

    public GoldenAdapter(string name)
    {
        path = Repository.Find("tests", "golden", "adapters", name);
        expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "expected.json")));
        Family = new(expected.RootElement.GetProperty("family").GetString()!);
        BaseFolder = Family.Folder;
        if (expected.RootElement.GetProperty("stored").GetString() is not { } stored)
        {
            return;
        }

        if (stored == "bf16")
        {
            GoldenFamilyTests.SaveAs(WeightType.BF16, Family.Folder, rounded);
            BaseFolder = rounded.Path;
            return;
        }

        Base = new(stored);
        Assert.NotNull(Base.Form);
    }

    public static string[] Names { get; } =
    [
        "gemma2", "gemma2-last", "gemma2-nf4", "gpt2", "gpt2-int4", "gpt2-nf4", "llama", "llama-bf16", "llama-nf4", "llama-variant",
        "llama-variant-bf16", "llama-variant-int4", "phi3", "phi3-int4-128",
    ];

    /// <summary>Those whose B is zero before they train.</summary>
    public static string[] NewNames { get; } = [.. Names.Where(name => !name.Contains("variant", StringComparison.Ordinal))];

    /// <summary>The base's rows and objective.</summary>
    public GoldenFamily Family { get; }

    /// <summary>The base, in the type that it is stored in here.</summary>
    public string BaseFolder { get; }

    /// <summary>How the weights of its layers are held.</summary>
    public BaseWeights Base { get; } = BaseWeights.AsStored;

    /// <summary>The fifty steps of AdamW from <see cref="Before"/> to <see cref="After"/>.</summary>
    public AdamWRun Run => AdamWRun.Of(expected.RootElement.GetProperty("adamw"));

    /// <summary>The folder of the adapter as it was before or after it trained, as PEFT lays it out.</summary>
    public string Folder(string stage) => Path.Combine(path, stage);

    /// <summary>The base with the adapter, which trains.</summary>
    public ModelFolder Open(string stage) => ModelFolder.Open(BaseFolder, Folder(stage), WeightMapping.CopyOnWrite, Base);

    /// <summary>Laid out as the completions of <paramref name="batch"/>, the family's pairs packed in any way.</summary>
    public double[] TokenLogps(string stage, PackedBatch batch) => GoldenFamily.TokenLogps(Of(stage).GetProperty("token_logps"), batch);

    /// <summary>The mean over all pairs.</summary>
    public double Loss(string stage) => Of(stage).GetProperty("loss").GetDouble();

    /// <summary>The gradient of <see cref="Loss"/> with respect to all that trains.</summary>
    public Dictionary<string, double[]> Gradients(string stage) =>
        GoldenFamily.Numbers(Path.Combine(path, $"gradients-{stage}.safetensors"));

    public void Dispose()
    {
        expected.Dispose();
        Family.Dispose();
        rounded.Dispose();
    }

    JsonElement Of(string stage) => expected.RootElement.GetProperty(stage);
}
