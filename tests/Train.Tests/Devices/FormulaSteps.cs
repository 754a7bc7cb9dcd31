using System.Text.Json;
using OrtDpo.Models.Tests.Precision;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>Twenty steps of DPO on a <see cref="FormulaModel"/>, by PyTorch: <c>steps.json</c> of make_golden.py.</summary>
sealed class FormulaSteps
{
    FormulaSteps(JsonElement root)
    {
        float Number(string name) => root.GetProperty(name).GetSingle();
        (LearningRate, Beta) = (Number("learning_rate"), root.GetProperty("beta").GetDouble());
        (MaxGradNorm, WeightDecay) = (Number("clip"), Number("weight_decay"));
        Exact = Steps(root.GetProperty("float64"));
        BFloat16 = Steps(root.GetProperty("bfloat16"));
        Moves = root.GetProperty("moves").EnumerateObject().ToDictionary(
            p => p.Name, p => (Of(p.Value, "norm"), Of(p.Value, "probe"), Of(p.Value, "error")),
            StringComparer.Ordinal);
    }

    public float LearningRate { get; }

    public double Beta { get; }

    public float MaxGradNorm { get; }

    public float WeightDecay { get; }

    /// <summary>In float64.</summary>
    public Step[] Exact { get; }

    /// <summary>Passes in bfloat16, over float32 masters.</summary>
    public Step[] BFloat16 { get; }

    /// <summary>
    /// What the steps do to each parameter in float64, its norm and <see cref="FormulaModel.Probe"/>; and how far from there bfloat16's
    /// master ends.
    /// </summary>
    public IReadOnlyDictionary<string, (double Norm, double Probe, double Error)> Moves { get; }

    /// <summary>Those of a model of <c>tests/golden/bf16</c>.</summary>
    public static FormulaSteps Read(string name)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Repository.Find("tests", "golden", "bf16", name, "steps.json")));
        return new FormulaSteps(file.RootElement);
    }

    static double Of(JsonElement move, string name) => move.GetProperty(name).GetDouble();

    static Step[] Steps(JsonElement steps) =>
    [
        .. steps.EnumerateArray().Select(s => new Step(
            s.GetProperty("loss").GetDouble(), s.GetProperty("grad_norm").GetDouble(),
            [.. s.GetProperty("margins").EnumerateArray().Select(m => m.GetDouble())])),
    ];

    /// <summary>What a step found before its update.</summary>
    /// <param name="Loss">The mean over the pairs.</param>
    /// <param name="GradNorm">Of all gradients, before clipping.</param>
    /// <param name="Margins">Of each pair: beta times the difference of the log-ratios.</param>
    internal sealed record Step(double Loss, double GradNorm, double[] Margins);
}
