using System.Text.Json;
using OrtDpo.Linked;

namespace OrtDpo.Safetensors;

/// <summary>Finds the weight files of a model folder: one file, or the shards that an index names.</summary>
public static class ShardedWeights
{
    /// <summary>The file of weights that are not sharded.</summary>
    public const string SingleFile = "model.safetensors";

    /// <summary>The file that says which shard holds which tensor.</summary>
    public const string IndexFile = "model.safetensors.index.json";

    /// <summary>Whether <paramref name="folder"/> has weights that <see cref="Open"/> looks for.</summary>
    public static bool AreIn(string folder) =>
        File.Exists(Path.Combine(folder, SingleFile)) || File.Exists(Path.Combine(folder, IndexFile));

    /// <summary>
    /// Maps <c>model.safetensors</c> in <paramref name="folder"/>, or every shard that <c>model.safetensors.index.json</c> names. Whoever
    /// opened the files disposes them.
    /// </summary>
    /// <exception cref="FileNotFoundException">The folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or index and shards disagree.</exception>
    public static List<SafetensorsFile> Open(string folder, WeightMapping mapping)
    {
        var single = Path.Combine(folder, SingleFile);
        if (File.Exists(single))
        {
            return [SafetensorsFile.Open(single, mapping)];
        }

        var index = Path.Combine(folder, IndexFile);
        if (!File.Exists(index))
        {
            throw new FileNotFoundException(
                $"{folder} holds neither {SingleFile} nor {IndexFile}. Expected a model's weights as safetensors.", single);
        }

        var map = ReadIndex(index);
        var files = new List<SafetensorsFile>();
        foreach (var shard in map.Values.Distinct().Order(StringComparer.Ordinal))
        {
            files.Add(SafetensorsFile.Open(Path.Combine(folder, shard), mapping));
        }

        if (Fault(index, map, files) is { } fault)
        {
            files.ForEach(f => f.Dispose());
            throw fault;
        }

        return files;
    }

    static Dictionary<string, string> ReadIndex(string path)
    {
        JsonDocument json;
        try
        {
            json = JsonBytes.ReadFile(path);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not JSON: {e.Message}", e);
        }

        using (json)
        {
            if (json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("weight_map", out var map)
                || map.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidDataException($"{path}: weight_map is missing. Expected an object from tensor names to files.");
            }

            var files = new Dictionary<string, string>();
            foreach (var entry in map.EnumerateObject())
            {
                // A shard lies beside its index: a path that leads elsewhere is an attack or a mistake.
                if (entry.Value.ValueKind != JsonValueKind.String
                    || entry.Value.GetString() is not { Length: > 0 } file
                    || Path.GetFileName(file) != file)
                {
                    throw new InvalidDataException(
                        $"{path}: weight_map gives {entry.Value.GetRawText()} for '{entry.Name}'. "
                        + "Expected the name of a file in the same folder.");
                }

                if (!files.TryAdd(entry.Name, file))
                {
                    throw new InvalidDataException($"{path}: weight_map names '{entry.Name}' twice.");
                }
            }

            return files;
        }
    }

    static InvalidDataException? Fault(string index, Dictionary<string, string> map, List<SafetensorsFile> files)
    {
        foreach (var (name, shard) in map)
        {
            var file = files.First(f => Path.GetFileName(f.Path) == shard);
            if (!file.Tensors.ContainsKey(name))
            {
                return new($"{index}: weight_map places '{name}' in {shard}, which does not hold it. "
                    + "Fetch the shards and the index again.");
            }
        }

        foreach (var file in files)
        {
            if (file.Tensors.Keys.FirstOrDefault(t => map.GetValueOrDefault(t) != Path.GetFileName(file.Path)) is { } stray)
            {
                return new($"{file.Path} holds '{stray}', which {IndexFile} does not place there. Fetch the shards and the index again.");
            }
        }

        return null;
    }
}
