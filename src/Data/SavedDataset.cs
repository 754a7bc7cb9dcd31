using OrtDpo.Tokenizers.Loading;

namespace OrtDpo.Data;

/// <summary>
/// What Hugging Face's datasets keep beside their data: files in JSON that hold no rows, and in a folder of <c>save_to_disk</c> the list of
/// its shards in their order.
/// </summary>
static class SavedDataset
{
    const string State = "state.json";
    const string Info = "dataset_info.json";
    const string Splits = "dataset_dict.json";

    /// <summary>
    /// Whether the file describes data and holds none: descriptions, and results that datasets keep of a function's calls.
    /// </summary>
    internal static bool Describes(string path)
    {
        var name = Path.GetFileName(path);
        return name is Info or Splits or "dataset_infos.json"
            || (name == State && File.Exists(Path.Combine(Path.GetDirectoryName(path) ?? "", Info)))
            || (name.StartsWith("cache-", StringComparison.Ordinal) && name.EndsWith(".arrow", StringComparison.Ordinal));
    }

    /// <summary>The shards of a folder that <c>save_to_disk</c> wrote, in their order; null: it wrote another.</summary>
    /// <exception cref="FileNotFoundException">A shard is missing.</exception>
    /// <exception cref="InvalidDataException">The folder has several splits, or its description is damaged.</exception>
    /// <exception cref="NotSupportedException">The folder's rows are chosen by a list beside its shards.</exception>
    internal static IReadOnlyList<string>? Shards(string folder)
    {
        RefuseSplits(folder);
        var path = Path.Combine(folder, State);
        if (!File.Exists(path) || !Describes(path))
        {
            return null;
        }

        var state = JsonPart.ReadFile(path);
        if (state.Optional("_indices_data_files") is { } indices && indices.Items().Any())
        {
            throw new NotSupportedException($"{path}: the rows are chosen by a list of indices beside the data, as old versions of "
                + "datasets wrote it. Save the data set again with flatten_indices().");
        }

        return [.. state.Required("_data_files").Items().Select(file => Shard(folder, file))];
    }

    static void RefuseSplits(string folder)
    {
        var path = Path.Combine(folder, Splits);
        if (!File.Exists(path))
        {
            return;
        }

        var splits = JsonPart.ReadFile(path).Required("splits").Items().Select(split => split.Text()).ToList();
        var first = splits.Count > 0 ? $", such as {Path.Combine(folder, splits[0])}" : "";
        throw new InvalidDataException($"{folder} holds several data sets, as save_to_disk writes a DatasetDict: "
            + $"{string.Join(", ", splits)}. Give the folder of the split to train on as `Files`{first}, and that of one to hold out as "
            + "`EvalFiles`.");
    }

    static string Shard(string folder, JsonPart file)
    {
        var name = file.Text("filename");
        if (Path.GetFileName(name) != name)
        {
            throw new InvalidDataException($"{file.Where}: filename is '{name}'. Expected the name of a file in the same folder.");
        }

        var path = Path.Combine(folder, name);
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"{path} does not exist, and {file.Where} names it. Copy the whole folder.", path);
    }
}
