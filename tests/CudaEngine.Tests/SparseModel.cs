using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using OrtDpo.Models;

namespace OrtDpo.CudaEngine.Tests;

/// <summary>
/// A model of a real one's shape whose weights, in bfloat16, are a hole in a file: gigabytes that take no disk, to plan with.
/// </summary>
sealed class SparseModel : IDisposable
{
    SparseModel(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>Makes it from a <c>config.json</c>.</summary>
    public static SparseModel Of(Dictionary<string, object> config)
    {
        var folder = Directory.CreateTempSubdirectory("ortdpo-sparse-").FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(config));
        var model = ModelFolder.ModelOf(folder);
        var (header, at) = (new Dictionary<string, object>(), 0L);
        foreach (var parameter in model.Parameters)
        {
            long[] shape = [.. parameter.Shape];
            var bytes = shape.Aggregate((long)sizeof(ushort), (a, b) => a * b);
            header.Add(parameter.Name, new { dtype = "BF16", shape, data_offsets = new[] { at, at + bytes } });
            at += bytes;
        }

        var text = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(header));
        var length = (text.Length + 7) / 8 * 8;
        using var file = File.Create(Path.Combine(folder, "model.safetensors"));
        var size = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(size, length);
        file.Write(size);
        file.Write(text);
        file.Write(Encoding.UTF8.GetBytes(new string(' ', length - text.Length)));
        file.SetLength(sizeof(long) + length + at);
        return new SparseModel(folder);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
