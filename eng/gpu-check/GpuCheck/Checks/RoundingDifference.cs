using OrtDpo.GpuCheck.Models;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>
/// How far bfloat16 is off on a device and as it is emulated, both from float32. Two orders of the same sums round differently here and
/// there, and each such step is 2⁻⁸, so that the numbers themselves differ by about their error; the errors' sizes do not.
/// </summary>
sealed class RoundingDifference
{
    // Of a gradient's size: what even a few roundings make of it. Small tensors are as near by chance as not.
    const double Least = 0.002;
    // Of all gradients' norm: gradients that are nothing but rounding.
    const double Negligible = 1e-4;

    readonly Dictionary<string, (double Size, double Emulated, double Own, double Apart)> squares = new(StringComparer.Ordinal);

    /// <summary>The device's error of log-probabilities, of the emulation's.</summary>
    public double Logps => Ratio(squares[""]);

    /// <summary>The device's error of all gradients, of the emulation's.</summary>
    public double Gradients => Ratio(Total);

    /// <summary>How far device and emulation are apart, of the gradients' size.</summary>
    public double Apart => Math.Sqrt(Total.Apart / Total.Size);

    /// <summary>The parameter whose gradient's error is largest beside the emulation's, and that ratio.</summary>
    public (string Name, double Ratio) Worst
    {
        get
        {
            var norm = Math.Sqrt(Total.Size);
            return squares.Where(square => square.Key.Length > 0).Select(square => (square.Key, Math.Sqrt(square.Value.Own)
                / (Math.Sqrt(square.Value.Emulated) + (Least * Math.Sqrt(square.Value.Size)) + (Negligible * norm))))
                .MaxBy(found => double.IsNaN(found.Item2) ? double.PositiveInfinity : found.Item2);
        }
    }

    (double Size, double Emulated, double Own, double Apart) Total => squares.Where(square => square.Key.Length > 0)
        .Select(square => square.Value).Aggregate((a, b) => (a.Size + b.Size, a.Emulated + b.Emulated, a.Own + b.Own, a.Apart + b.Apart));

    public void Add(StepEngine exact, StepEngine emulated, StepEngine own, TrainingRow[] rows)
    {
        var packed = MicroBatch.Of(rows, own.Layout).Packed;
        var logps = new[] { exact, emulated, own }
            .Select(engine => engine.Accumulate(packed, logps => Draw.Uniform(logps.Length, seed: 3))).ToArray();
        Add("", logps[0], logps[1], logps[2]);
        foreach (var name in own.Parameters.Names.Where(own.Parameters.Trains))
        {
            Add(name, exact.Gradient(name), emulated.Gradient(name), own.Gradient(name));
        }
    }

    static double Ratio((double Size, double Emulated, double Own, double Apart) square) => Math.Sqrt(square.Own / square.Emulated);

    void Add(string name, float[] exact, float[] emulated, float[] own)
    {
        var sum = squares.GetValueOrDefault(name);
        for (var i = 0; i < exact.Length; i++)
        {
            sum.Size += Square(exact[i]);
            sum.Emulated += Square(emulated[i] - exact[i]);
            sum.Own += Square(own[i] - exact[i]);
            sum.Apart += Square(own[i] - emulated[i]);
        }

        squares[name] = sum;

        static double Square(double x) => x * x;
    }
}
