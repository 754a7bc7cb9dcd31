using System.Runtime.InteropServices;
using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Objectives;
using OrtDpo.Safetensors;
using OrtDpo.Training;

namespace OrtDpo.Testing;

/// <summary>
/// A tiny model of <c>tests/golden/families</c>, its rows, and what PyTorch made of them in float64: every sequence alone, without padding
/// or packing (make_golden.py).
/// </summary>
sealed class GoldenFamily : IDisposable
{
    readonly JsonDocument rows;
    readonly JsonDocument expected;

    public GoldenFamily(string name)
    {
        Folder = Repository.Find("tests", "golden", "families", name);
        rows = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "rows.json")));
        expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json")));
        Pairs = [.. rows.RootElement.GetProperty("pairs").EnumerateArray().Select(Pair)];
        Feedback = [.. rows.RootElement.GetProperty("feedback").EnumerateArray().Select(Single)];
    }

    public static string[] Families { get; } =
    [
        "gemma2", "gemma3", "gpt2", "gpt2-variant", "granite", "llama", "llama-dynamic", "llama-longrope-long", "llama-longrope-short",
        "llama-yarn", "llama-yarn-variant", "mistral", "olmo2", "phi3", "qwen2", "qwen3", "smollm3",
    ];

    /// <summary>The objectives whose gradients PyTorch computed: what a loss is does not depend on the family, so not of all.</summary>
    public static string[] ObjectivesOf(string family) =>
        family is "gpt2" or "gpt2-variant" or "llama" or "mistral" or "qwen2" ? ["sigmoid", "ipo", "kto", "simpo"] : ["sigmoid"];

    /// <summary>The model folder.</summary>
    public string Folder { get; }

    /// <summary>Pairs with the reference's sums.</summary>
    public TrainingRow[] Pairs { get; }

    /// <summary>The pairs' completions as unpaired feedback.</summary>
    public TrainingRow[] Feedback { get; }

    public TrainingRow[] RowsOf(string objective) => objective == "kto" ? Feedback : Pairs;

    /// <summary>Laid out as the completions of <paramref name="batch"/>, the pairs packed in any way, <c>[R, T]</c>.</summary>
    public double[] TokenLogps(PackedBatch batch) => TokenLogps(expected.RootElement.GetProperty("token_logps"), batch);

    /// <summary>The same by weights that were rounded to <paramref name="dtype"/>, bf16 or fp16, and computed with exactly.</summary>
    public double[] RoundedTokenLogps(PackedBatch batch, string dtype)
    {
        using var rounded = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "rounded.json")));
        return TokenLogps(rounded.RootElement.GetProperty(dtype), batch);
    }

    /// <summary>Those of a file of numbers, <c>chosen</c> and <c>rejected</c>, laid out likewise.</summary>
    public static double[] TokenLogps(JsonElement sides, PackedBatch batch) => Padded(
        [.. Logps(sides, "chosen").Zip(Logps(sides, "rejected")).SelectMany(pair => (double[][])[pair.First, pair.Second])], batch);

    /// <summary>The log-probabilities of the feedback's mismatched completions, likewise.</summary>
    public double[] MismatchedTokenLogps(PackedBatch batch) =>
        Padded(Logps(expected.RootElement.GetProperty("token_logps"), "kl_completion"), batch);

    /// <summary>The objective with the numbers that PyTorch used.</summary>
    public Objective Objective(string name)
    {
        var numbers = Of(name).GetProperty("numbers");
        return OrtDpo.Objectives.Objective.Parse(name, new ObjectiveOptions
        {
            Beta = Number("beta"),
            Gamma = Number("gamma"),
            DesirableWeight = Number("desirable_weight"),
            UndesirableWeight = Number("undesirable_weight"),
        });

        double? Number(string field) => numbers.TryGetProperty(field, out var value) ? value.GetDouble() : null;
    }

    /// <summary>The mean over all rows.</summary>
    public double Loss(string objective) => Of(objective).GetProperty("loss").GetDouble();

    /// <summary>KTO's reference point over all rows; 0 for other objectives.</summary>
    public double Kl(string objective) => Of(objective).TryGetProperty("kl", out var kl) ? kl.GetDouble() : 0;

    /// <summary>Runs of AdamW: the loss and the gradient's norm before each step.</summary>
    public AdamWRun[] Runs(string objective) => [.. Of(objective).GetProperty("adamw").EnumerateArray().Select(AdamWRun.Of)];

    /// <summary>The gradient of <see cref="Loss"/> with respect to every parameter.</summary>
    public Dictionary<string, double[]> Gradients(string objective) =>
        Numbers(Path.Combine(Folder, $"gradients-{objective}.safetensors"));

    /// <summary>The tensors of a file in float64, by their names.</summary>
    public static Dictionary<string, double[]> Numbers(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Tensors.Values.ToDictionary(t => t.Name, t => Copy(file, t), StringComparer.Ordinal);
    }

    public void Dispose()
    {
        rows.Dispose();
        expected.Dispose();
    }

    JsonElement Of(string objective) => expected.RootElement.GetProperty("objectives").GetProperty(objective);

    static double[][] Logps(JsonElement sides, string side) =>
        [.. sides.GetProperty(side).EnumerateArray().Select(c => c.EnumerateArray().Select(v => v.GetDouble()).ToArray())];

    static double[] Padded(double[][] completions, PackedBatch batch) =>
        [.. completions.SelectMany(c => c.Concat(Enumerable.Repeat(0.0, batch.CompletionWidth - c.Length)))];

    static TrainingRow Pair(JsonElement row, int index) => new(
        [""],
        Example.Pair(Ids(row, "prompt"), Ids(row, "chosen"), Ids(row, "rejected")),
        [new(row.GetProperty("ref_chosen_logps").GetDouble(), []), new(row.GetProperty("ref_rejected_logps").GetDouble(), [])],
        "pairs",
        index + 1);

    static TrainingRow Single(JsonElement row, int index) => new(
        [""],
        Example.Labelled(Ids(row, "prompt"), Ids(row, "completion"), row.GetProperty("label").GetBoolean()),
        [new CompletionLogps(row.GetProperty("ref_logps").GetDouble(), [])],
        "feedback",
        index + 1)
    {
        Mismatched = new(Ids(row, "kl_completion"), row.GetProperty("ref_kl_logps").GetDouble()),
    };

    static int[] Ids(JsonElement row, string name) => [.. row.GetProperty(name).EnumerateArray().Select(e => e.GetInt32())];

    static double[] Copy(SafetensorsFile file, TensorEntry tensor)
    {
        Assert.Equal(WeightType.F64, tensor.Type);
        var numbers = new double[tensor.Count];
        Marshal.Copy(file.Address(tensor), numbers, 0, numbers.Length);
        return numbers;
    }
}

/// <summary>Steps of AdamW, four rows each.</summary>
sealed record AdamWRun(float WeightDecay, float MaxGradNorm, (double Loss, double GradNorm)[] Steps)
{
    public static AdamWRun Of(JsonElement run) => new(
        run.GetProperty("weight_decay").GetSingle(),
        run.GetProperty("clip").GetSingle(),
        [.. run.GetProperty("steps").EnumerateArray()
            .Select(s => (s.GetProperty("loss").GetDouble(), s.GetProperty("grad_norm").GetDouble()))]);
}
