using System.Runtime.InteropServices;
using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Safetensors;

namespace OrtDpo.Testing;

/// <summary>
/// A tiny model of <c>tests/golden/llama-tiny</c> or <c>foreign-onnx</c>, its pairs, and what PyTorch made of them in float64: every
/// sequence alone, without padding or packing (make_golden.py). The batch of the tests is the packed one, or the stacked one.
/// </summary>
sealed class GoldenModel : IDisposable
{
    readonly JsonDocument pairs;
    readonly JsonDocument expected;

    public GoldenModel(string name, string collection = "llama-tiny", BatchLayout layout = BatchLayout.Packed)
    {
        var parent = Repository.Find("tests", "golden", collection);
        Folder = Path.Combine(parent, name);
        this.pairs = JsonDocument.Parse(File.ReadAllText(Path.Combine(parent, "pairs.json")));
        expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json")));
        var pairs = this.pairs.RootElement.GetProperty("pairs").EnumerateArray().ToArray();
        Pairs = [.. pairs.Select(p => Example.Pair(Ids(p, "prompt"), Ids(p, "chosen"), Ids(p, "rejected")))];
        RefChosenLogps = [.. pairs.Select(p => p.GetProperty("ref_chosen_logps").GetDouble())];
        RefRejectedLogps = [.. pairs.Select(p => p.GetProperty("ref_rejected_logps").GetDouble())];
        Batch = ExamplePacking.Pack(Pairs, layout);
    }

    /// <summary>The model folder.</summary>
    public string Folder { get; }

    public Example[] Pairs { get; }

    public PackedBatch Batch { get; }

    public double Beta => pairs.RootElement.GetProperty("beta").GetDouble();

    public double[] RefChosenLogps { get; }

    public double[] RefRejectedLogps { get; }

    /// <summary>The mean over pairs.</summary>
    public double Loss => expected.RootElement.GetProperty("loss").GetDouble();

    public double[] PairLosses => Numbers(expected.RootElement.GetProperty("pair_losses"));

    /// <summary>The loss and the gradient's norm before each step of AdamW, computed in float64.</summary>
    public (double Loss, double GradNorm)[] AdamWSteps =>
        [.. expected.RootElement.GetProperty("adamw_float64").EnumerateArray()
            .Select(s => (s.GetProperty("loss").GetDouble(), s.GetProperty("grad_norm").GetDouble()))];

    /// <summary>Laid out as the batch's completions are, <c>[R, T]</c>: pair by pair, 0 where padded.</summary>
    public double[] TokenLogps()
    {
        var pairs = expected.RootElement.GetProperty("token_logps").EnumerateArray().ToArray();
        var completions = pairs.SelectMany(p => (double[][])[Numbers(p.GetProperty("chosen")), Numbers(p.GetProperty("rejected"))]);
        return [.. completions.SelectMany(c => c.Concat(Enumerable.Repeat(0.0, Batch.CompletionWidth - c.Length)))];
    }

    /// <summary>The gradient of <see cref="Loss"/> with respect to every parameter.</summary>
    public Dictionary<string, double[]> Gradients()
    {
        using var file = SafetensorsFile.Open(Path.Combine(Folder, "gradients.safetensors"));
        return file.Tensors.Values.ToDictionary(t => t.Name, t => Copy(file, t), StringComparer.Ordinal);
    }

    public void Dispose()
    {
        pairs.Dispose();
        expected.Dispose();
    }

    static double[] Copy(SafetensorsFile file, TensorEntry tensor)
    {
        Assert.Equal(WeightType.F64, tensor.Type);
        var numbers = new double[tensor.Count];
        Marshal.Copy(file.Address(tensor), numbers, 0, numbers.Length);
        return numbers;
    }

    static int[] Ids(JsonElement pair, string name) => [.. pair.GetProperty(name).EnumerateArray().Select(e => e.GetInt32())];

    static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetDouble())];
}
