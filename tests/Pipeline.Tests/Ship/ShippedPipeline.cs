namespace OrtDpo.Pipeline.Tests.Ship;

/// <summary>The tiny pipeline with an export of its run, and thresholds that both keep to: six of its pairs are held out.</summary>
public sealed class ShippedPipeline : TinyPipeline
{
    /// <summary>The thresholds of a run that ships, which a test changes in one line.</summary>
    public const string Text = "prompts: 5\nchosen_fall: 2\nperplexity: 10\nkl: 5\n";

    public ShippedPipeline()
    {
        Succeed("export", "--run", Run, "--out", Export);
        File.WriteAllText(Thresholds, Text);
    }

    public string Export => Path.Combine(Folder, "export");

    public string Thresholds => Path.Combine(Folder, "ship.yaml");

    /// <summary>Copies a folder of the pipeline, so that the copy can be damaged.</summary>
    internal static string Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var path = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
        }

        return to;
    }
}
