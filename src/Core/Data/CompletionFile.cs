using System.Text.Json;

namespace OrtDpo.Core.Data;

/// <summary>Reads supervised rows, <c>prompt</c> and <c>completion</c>, from a JSON or JSON Lines file, plain or gzip.</summary>
public static class CompletionFile
{
    /// <summary>Reads <paramref name="path"/> row by row; rows are numbered from 1.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, has no rows, or a row is wrong; the message names file and line.</exception>
    public static IEnumerable<(long Row, string Prompt, string Completion)> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"The data file {path} does not exist. Give a JSON or JSON Lines file of prompts and completions, plain or gzip.", path);
        }

        return ReadRows(path);
    }

    static IEnumerable<(long Row, string Prompt, string Completion)> ReadRows(string path)
    {
        var isEmpty = true;
        foreach (var row in JsonRows.Read(path))
        {
            isEmpty = false;
            yield return (row.Number, Text(row, "prompt"), Text(row, "completion"));
        }

        if (isEmpty)
        {
            throw new InvalidDataException($"{path} has no rows; expected at least one prompt with its completion.");
        }
    }

    static string Text(JsonRow row, string name) =>
        row.Value.ValueKind == JsonValueKind.Object && row.Value.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new InvalidDataException($"{row.Where}: '{name}' is missing or no string. Each row needs the strings 'prompt' and 'completion'.");
}
