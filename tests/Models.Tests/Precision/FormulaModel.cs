using System.Runtime.InteropServices;
using System.Text.Json;
using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;
using OrtDpo.Safetensors;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Precision;

/// <summary>
/// A model of <c>tests/golden/bf16</c>: weights and tokens by the formula of make_golden.py, and how far PyTorch's bfloat16 is from its
/// float64.
/// </summary>
sealed class FormulaModel : IDisposable
{
    static readonly (int Prompt, int Chosen, int Rejected)[] Lengths =
        [(9, 17, 12), (4, 30, 25), (20, 8, 28), (1, 21, 33), (13, 35, 6), (7, 14, 40)];

    readonly string folder;
    readonly JsonDocument expected;

    public FormulaModel(string name)
    {
        folder = Testing.Repository.Find("tests", "golden", "bf16", name);
        expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
    }

    public int Batches => expected.RootElement.GetProperty("batches").GetArrayLength();

    /// <summary>The model with weights in a type; all are exact in bfloat16, or <paramref name="between"/> its numbers.</summary>
    public (DecoderModel Model, Dictionary<string, Tensor> Weights) Read(DataType type, bool between = false)
    {
        var model = ModelFamilies.Read(folder, type);
        var ordered = model.Parameters.OrderBy(p => p.Name, StringComparer.Ordinal).Index();
        return (model, ordered.ToDictionary(
            p => p.Item.Name, p => Tensor.Of(type, p.Item.Shape, Weight(p.Item, (uint)p.Index + 1, between)), StringComparer.Ordinal));
    }

    /// <summary>Writes the model as a folder, its weights in float32.</summary>
    /// <param name="to">The folder.</param>
    /// <param name="between">Whether they lie between the numbers of bfloat16, as the twenty steps start.</param>
    public void Save(TemporaryFolder to, bool between)
    {
        var (_, weights) = Read(DataType.Float32, between);
        to.Write("config.json", File.ReadAllBytes(Path.Combine(folder, "config.json")));
        using var file = File.Create(to.File("model.safetensors"));
        var pins = new List<GCHandle>();
        SafetensorsWriter.Write(file, [.. weights.Select(w =>
        {
            pins.Add(GCHandle.Alloc(w.Value.Data, GCHandleType.Pinned));
            return new TensorSource(w.Key, WeightType.F32, w.Value.Sizes, pins[^1].AddrOfPinnedObject());
        })]);
        pins.ForEach(pin => pin.Free());
    }

    /// <summary>Pairs whose completions run one to a row, as PyTorch's did.</summary>
    public static PackedBatch Rows(int batch) => ExamplePacking.Pack(Pairs(batch), BatchLayout.Stacked);

    /// <summary>The same pairs.</summary>
    public static Example[] Pairs(int batch)
    {
        var ids = Hashed(1000, 1000 + (uint)batch).Select(h => (int)(h % 128)).ToArray();
        var at = 0;
        return [.. Lengths.Select(l => Example.Pair(Next(l.Prompt), Next(l.Chosen), Next(l.Rejected)))];

        int[] Next(int count)
        {
            at += count;
            return ids[(at - count)..at];
        }
    }

    /// <summary>The incoming gradient of each log-probability, <c>[R, T]</c>: chosen up, rejected down.</summary>
    public static double[] Slopes(PackedBatch batch) =>
        [.. Enumerable.Range(0, batch.Completions * batch.CompletionWidth).Select(i => i / batch.CompletionWidth)
            .Select(row => (1 - (2 * (row % 2))) * (row + 3) / 256.0)];

    /// <summary>PyTorch's log-probabilities: norm and sum in float64, and of what bfloat16 adds.</summary>
    public (double Norm, double Sum, double Error, double Bias) Logps(int batch)
    {
        var numbers = Of(batch).GetProperty("logps");
        return (Number(numbers, "norm"), Number(numbers, "sum"), Number(numbers, "error"), Number(numbers, "bias"));
    }

    /// <summary>PyTorch's gradients by parameter: norm and <see cref="Probe"/> in float64, the norm of what bfloat16 adds.</summary>
    public Dictionary<string, (double Norm, double Probe, double Error)> Gradients(int batch) =>
        Of(batch).GetProperty("gradients").EnumerateObject().ToDictionary(
            p => p.Name, p => (Number(p.Value, "norm"), Number(p.Value, "probe"), Number(p.Value, "error")), StringComparer.Ordinal);

    /// <summary>The product with a vector of the formula: a tensor in another order has another one.</summary>
    public static double Probe(double[] values) => values.Zip(Hashed(values.Length, 77), (v, h) => v * ((double)(h % 255) - 127)).Sum();

    /// <summary>The norm of that vector: what an error of a tensor may come to in <see cref="Probe"/>.</summary>
    public static double ProbeNorm(int count) => Math.Sqrt(Hashed(count, 77).Sum(h => Math.Pow((double)(h % 255) - 127, 2)));

    public void Dispose() => expected.Dispose();

    JsonElement Of(int batch) => expected.RootElement.GetProperty("batches")[batch];

    static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    static IEnumerable<double> Weight(ModelParameter parameter, uint seed, bool between)
    {
        var count = (int)parameter.Shape.Aggregate(1L, (a, b) => a * b);
        var isScale = parameter.Shape.Length == 1 && parameter.Name.EndsWith(".weight", StringComparison.Ordinal);
        var isTable = new[] { "embed_tokens", "wte", "wpe" }.Any(part => parameter.Name.Contains(part, StringComparison.Ordinal));
        var unit = isScale || isTable ? 128 : 512;
        var weights = Hashed(count, seed).Select(h => isScale ? 1 + (((h % 127) - 63.0) / unit) : ((h % 255) - 127.0) / unit);
        return between ? weights.Zip(Hashed(count, 500 + seed), (w, h) => w + (((h % 1023) - 511.0) / 2048 / unit)) : weights;
    }

    static IEnumerable<uint> Hashed(int count, uint seed) => Enumerable.Range(1, count).Select(i =>
    {
        unchecked
        {
            var x = ((uint)i + (seed << 20)) * 2654435761;
            x = (x ^ (x >> 15)) * 2246822519;
            return x ^ (x >> 13);
        }
    });
}
