using System.Runtime.InteropServices;
using OrtDpo.Models;
using OrtDpo.Runs;
using OrtDpo.Safetensors;

namespace OrtDpo.DemoModel.Model;

/// <summary>A Llama that has not learned anything: matrices from a normal distribution, norms at one.</summary>
public static class InitialModel
{
    // The standard deviation that config.json states as initializer_range.
    const double Deviation = 0.02;

    /// <summary>Writes <c>model.safetensors</c> (float32) for the model that <c>config.json</c> in the same folder describes.</summary>
    public static void Write(string folder, ulong seed)
    {
        var random = new Draws(seed);
        var tensors = new List<(string Name, long[] Shape, GCHandle Values)>();
        foreach (var (name, shape) in ModelFolder.ModelOf(folder).Parameters)
        {
            var values = new float[shape.Aggregate((a, b) => a * b)];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = shape.Length == 1 ? 1 : (float)(Deviation * random.Normal());
            }

            tensors.Add((name, shape, GCHandle.Alloc(values, GCHandleType.Pinned)));
        }

        AtomicFile.Write(Path.Combine(folder, "model.safetensors"), file => SafetensorsWriter.Write(
            file, tensors.Select(t => new TensorSource(t.Name, WeightType.F32, t.Shape, t.Values.AddrOfPinnedObject()))));
        tensors.ForEach(t => t.Values.Free());
    }
}
