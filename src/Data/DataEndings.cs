namespace OrtDpo.Data;

/// <summary>How the names of data files end.</summary>
static class DataEndings
{
    /// <summary>For messages.</summary>
    internal const string Described =
        "They end in .json, .jsonl, .ndjson, .csv or .tsv, each also with .gz or .zst, in .parquet or in .arrow.";

    static readonly string[] Texts = [".json", ".jsonl", ".ndjson", ".csv", ".tsv"];

    static readonly string[] All =
        [.. Texts, .. Texts.Select(text => text + ".gz"), .. Texts.Select(text => text + ".zst"), ".parquet", ".arrow"];

    /// <summary>Whether a folder's file of that name is data.</summary>
    internal static bool Has(string name) => Array.Exists(All, ending => Ends(name, ending));

    /// <summary>Whether the file's name says that it is comma- or tab-separated, and by which of the two; null: it is neither.</summary>
    internal static char? Separator(string name)
    {
        var text = Ends(name, ".gz") || Ends(name, ".zst") ? Path.GetFileNameWithoutExtension(name) : name;
        return Ends(text, ".csv") ? ',' : Ends(text, ".tsv") ? '\t' : null;
    }

    static bool Ends(string name, string ending) => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
}
