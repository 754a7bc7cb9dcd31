using System.Runtime.InteropServices;
using OrtDpo.Safetensors;

namespace OrtDpo.Pipeline.Tests.Ship;

/// <summary>Numbers of a checkpoint where an export has them: the same bytes.</summary>
static class Weights
{
    /// <summary>Changes a matrix in an exported file: its numbers in reverse.</summary>
    /// <param name="checkpoint">The checkpoint, whose weights are float32 as the export's.</param>
    /// <param name="name">The matrix.</param>
    /// <param name="file">The exported file.</param>
    public static void Change(string checkpoint, string name, string file)
    {
        byte[] matrix;
        using (var weights = SafetensorsFile.Open(Path.Combine(checkpoint, "model.safetensors")))
        {
            var entry = weights.Tensors[name];
            matrix = new byte[entry.ByteCount];
            Marshal.Copy(weights.Address(entry), matrix, 0, matrix.Length);
        }

        var model = File.ReadAllBytes(file);
        var at = model.AsSpan().IndexOf(matrix);
        Assert.True(at >= 0, $"{file} does not hold the bytes of {name}.");
        for (var i = 0; i < matrix.Length; i += sizeof(float))
        {
            matrix.AsSpan(matrix.Length - sizeof(float) - i, sizeof(float)).CopyTo(model.AsSpan(at + i));
        }

        File.WriteAllBytes(file, model);
    }
}
