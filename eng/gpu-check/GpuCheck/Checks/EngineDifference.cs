using OrtDpo.Batches;
using OrtDpo.GpuCheck.Models;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>How far two engines are apart on the same rows: one pass, gradients by slopes that depend on nothing.</summary>
sealed class EngineDifference
{
    // Of all gradients' norm: what is smaller is nothing but rounding, as the gradients of keys' biases.
    const double Negligible = 1e-6;

    /// <summary>The largest difference of a log-probability, of it or of 1.</summary>
    public double Logp { get; private set; }

    /// <summary>The largest difference of a gradient's element, of the largest element of that parameter's gradient.</summary>
    public double Element { get; private set; }

    /// <summary>The parameter that <see cref="Element"/> is of.</summary>
    public string Worst { get; private set; } = "";

    public void Add(StepEngine expected, StepEngine actual, TrainingRow[] rows)
    {
        var packed = MicroBatch.Of(rows, actual.Layout).Packed;
        AddLogps(Accumulate(expected, packed), Accumulate(actual, packed));
        string[] trained = [.. actual.Parameters.Names.Where(actual.Parameters.Trains)];
        var wanted = trained.ToDictionary(name => name, expected.Gradient);
        var norm = Math.Sqrt(wanted.Values.Sum(gradient => gradient.Sum(g => (double)g * g)));
        foreach (var name in trained)
        {
            AddGradient(name, wanted[name], actual.Gradient(name), norm);
        }
    }

    static float[] Accumulate(StepEngine engine, PackedBatch packed) =>
        engine.Accumulate(packed, logps => Draw.Uniform(logps.Length, seed: 3));

    void AddLogps(float[] wanted, float[] found)
    {
        foreach (var (x, y) in wanted.Zip(found))
        {
            var difference = Math.Abs((double)x - y);
            // Not a number stays.
            Logp = Math.Max(Logp, difference / Math.Max(1, Math.Abs(x)));
        }
    }

    void AddGradient(string name, float[] wanted, float[] found, double norm)
    {
        var scale = Math.Max(wanted.Max(Math.Abs), Negligible * norm);
        foreach (var (x, y) in wanted.Zip(found))
        {
            var difference = Math.Abs((double)x - y);
            // What is no number is the worst, and stays.
            if (!double.IsNaN(Element) && !(difference / scale <= Element))
            {
                (Element, Worst) = (difference / scale, name);
            }
        }
    }
}
