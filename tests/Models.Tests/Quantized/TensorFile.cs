using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Safetensors.Tests;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>A safetensors file taken apart and put together without the code under test, to write it otherwise.</summary>
sealed class TensorFile
{
    /// <summary>In the order of their bytes.</summary>
    public List<Tensor> Tensors { get; } = [];

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal) { ["format"] = "pt" };

    /// <summary>A tensor of the file; setting it replaces what has its name.</summary>
    public Tensor this[string name]
    {
        get => Tensors.Single(t => t.Name == name);
        set => Tensors[Tensors.FindIndex(t => t.Name == name)] = value;
    }

    public static TensorFile Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var start = 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var file = new TensorFile();
        file.Metadata.Clear();
        foreach (var (name, entry) in JsonNode.Parse(bytes.AsSpan(8, start - 8))!.AsObject())
        {
            if (name == "__metadata__")
            {
                foreach (var (key, value) in entry!.AsObject())
                {
                    file.Metadata.Add(key, value!.GetValue<string>());
                }

                continue;
            }

            var (shape, offsets) = (entry!["shape"]!.Deserialize<long[]>()!, entry["data_offsets"]!.Deserialize<int[]>()!);
            file.Tensors.Add(new(name, entry["dtype"]!.GetValue<string>(), shape, bytes[(start + offsets[0])..(start + offsets[1])]));
        }

        return file;
    }

    public void Add(string name, string type, long[] shape, byte[] bytes) => Tensors.Add(new(name, type, shape, bytes));

    public void Remove(string name) => Assert.Equal(1, Tensors.RemoveAll(t => t.Name == name));

    public byte[] ToBytes()
    {
        var header = new JsonObject { ["__metadata__"] = JsonSerializer.SerializeToNode(Metadata) };
        var at = 0;
        foreach (var tensor in Tensors)
        {
            header.Add(tensor.Name, new JsonObject
            {
                ["dtype"] = tensor.Type,
                ["shape"] = JsonSerializer.SerializeToNode(tensor.Shape),
                ["data_offsets"] = new JsonArray(at, at += tensor.Bytes.Length),
            });
        }

        // Kernels read a mapped file's numbers where they are, if they are aligned.
        var text = new StringBuilder(header.ToJsonString());
        text.Append(' ', (8 - (text.Length % 8)) % 8);
        return HandMadeSafetensors.File(text.ToString(), [.. Tensors.SelectMany(t => t.Bytes)]);
    }

    /// <summary>A tensor.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Type">Its element type by the format's name.</param>
    /// <param name="Shape">Its dimensions.</param>
    /// <param name="Bytes">Its elements.</param>
    public sealed record Tensor(string Name, string Type, long[] Shape, byte[] Bytes);
}
