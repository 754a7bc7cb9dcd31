using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>The numbers of a safetensors file, read without the code under test.</summary>
static class SafetensorsValues
{
    /// <summary>All tensors' float32 values, tensors in the order of their names.</summary>
    public static float[] Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, start - 8));
        var values = new List<float>();
        foreach (var tensor in header.RootElement.EnumerateObject()
            .Where(tensor => tensor.Name != "__metadata__").OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            Assert.Equal("F32", tensor.Value.GetProperty("dtype").GetString());
            var offsets = tensor.Value.GetProperty("data_offsets");
            var range = (start + offsets[0].GetInt32())..(start + offsets[1].GetInt32());
            values.AddRange(MemoryMarshal.Cast<byte, float>(bytes.AsSpan(range)));
        }

        return [.. values];
    }
}
