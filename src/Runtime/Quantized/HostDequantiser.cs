using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Quantized;

/// <summary>
/// Makes float32 copies of weights in 4 bits, with as many threads as ONNX Runtime has. Forward and backward read the same copies, whatever
/// the format is; why they are made here and not by operators: docs/decisions/0027.
/// </summary>
static class HostDequantiser
{
    // Enough work for a thread to be worth a turn, and small enough for all to have a share of one matrix.
    const long Elements = 1 << 18;

    /// <summary>Dequantises each weight to its address.</summary>
    public static void Make(IReadOnlyList<(QuantizedWeight Weight, nint Target)> weights)
    {
        var work = weights.SelectMany(w => Parts(w.Weight).Select(part => (w.Weight, w.Target, part.First, part.Count))).ToList();
        if (OrtProcess.Threads <= 1)
        {
            work.ForEach(w => w.Weight.Dequantise(w.First, w.Count, w.Target));
            return;
        }

        Parallel.ForEach(
            work, new ParallelOptions { MaxDegreeOfParallelism = OrtProcess.Threads },
            w => w.Weight.Dequantise(w.First, w.Count, w.Target));
    }

    static IEnumerable<(int First, int Count)> Parts(QuantizedWeight weight)
    {
        // Whole cache lines of a transposed copy.
        const int Least = 16;
        var rows = (int)Math.Clamp(Elements * weight.Rows / weight.Count / Least * Least, Least, int.MaxValue);
        for (var first = 0; first < weight.Rows; first += rows)
        {
            yield return (first, Math.Min(rows, weight.Rows - first));
        }
    }
}
