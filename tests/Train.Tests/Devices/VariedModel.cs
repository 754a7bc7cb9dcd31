using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using OrtDpo.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>
/// A model of a golden family's configuration with more layers, an embedding of its own or the head's, and seeded random weights, in a
/// folder that is deleted at the end.
/// </summary>
sealed class VariedModel : IDisposable
{
    VariedModel(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>Makes it.</summary>
    /// <param name="family">A folder of tests/golden/families.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="tied">Whether the embedding is the head.</param>
    /// <param name="type">The type that its file has its weights in.</param>
    /// <param name="vocabulary">Its tokens; null: as many as the family's.</param>
    public static VariedModel Of(
        string family, int layers, bool tied = false, WeightType type = WeightType.F32, int? vocabulary = null)
    {
        var source = Repository.Find("tests", "golden", "families", family, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(source))!.AsObject();
        config[config.ContainsKey("n_layer") ? "n_layer" : "num_hidden_layers"] = layers;
        config["tie_word_embeddings"] = tied;
        config["vocab_size"] = vocabulary ?? config["vocab_size"]!.GetValue<int>();
        if (config["layer_types"] is JsonArray { Count: > 0 } types)
        {
            var kinds = types.Select(kind => kind!.GetValue<string>()).ToList();
            config["layer_types"] = new JsonArray([.. Enumerable.Range(0, layers).Select(i => (JsonNode)kinds[i % kinds.Count])]);
        }

        var model = new VariedModel(Directory.CreateTempSubdirectory("ortdpo-varied-").FullName);
        File.WriteAllText(Path.Combine(model.Folder, "config.json"), config.ToJsonString());
        Write(model.Folder, type);
        return model;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    static void Write(string folder, WeightType type)
    {
        var random = new Random(3);
        var pinned = new List<GCHandle>();
        var sources = new List<TensorSource>();
        foreach (var parameter in ModelFolder.ModelOf(folder).Parameters)
        {
            var isNorm = parameter.Shape.Length == 1;
            var values = new float[parameter.Shape.Aggregate(1L, (count, size) => count * size)];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = (float)((random.NextDouble() - 0.5) * 0.5) + (isNorm ? 1 : 0);
            }

            var bytes = new byte[values.Length * type.ByteSize()];
            if (type == WeightType.F32)
            {
                MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(bytes);
            }
            else
            {
                FloatNarrowing.Narrow(parameter.Name, values, type, bytes);
            }

            pinned.Add(GCHandle.Alloc(bytes, GCHandleType.Pinned));
            sources.Add(new TensorSource(parameter.Name, type, [.. parameter.Shape], pinned[^1].AddrOfPinnedObject()));
        }

        using var file = File.Create(Path.Combine(folder, "model.safetensors"));
        SafetensorsWriter.Write(file, sources);
        pinned.ForEach(handle => handle.Free());
    }
}
