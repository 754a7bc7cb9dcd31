namespace OrtDpo.GpuCheck.Running;

/// <summary>Folders that checks read and write.</summary>
/// <param name="Repository">The clone: the demo model and the tiny models of all families.</param>
/// <param name="Work">Where results, written models and runs lie; kept from call to call.</param>
/// <param name="IsRehearsal">Whether the processor takes the role of the device.</param>
sealed record Places(string Repository, string Work, bool IsRehearsal)
{
    /// <summary>The model of <c>models/demo</c>.</summary>
    public string Demo => Path.Combine(Repository, "models", "demo");

    /// <summary>The tiny models, a folder for each family.</summary>
    public string Families => Path.Combine(Repository, "tests", "golden", "families");

    /// <summary>The comparison with PyTorch.</summary>
    public string Compare => Path.Combine(Repository, "eng", "gpu-check", "compare.py");

    /// <summary>Where the device's facts lie once they were asked for.</summary>
    public string Facts => Path.Combine(Work, "facts.json");

    /// <summary>Where results lie.</summary>
    public string Results => Path.Combine(Work, "results");

    /// <summary>Where a check's result lies.</summary>
    public string Result(int number) => Path.Combine(Results, FormattableString.Invariant($"{number:00}.json"));

    /// <summary>An empty folder of a check's own.</summary>
    public string Fresh(string name)
    {
        var folder = Path.Combine(Work, name);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return Directory.CreateDirectory(folder).FullName;
    }

    /// <summary>What a process of this program is told of them.</summary>
    public string[] Arguments => ["--repository", Repository, "--work", Work, .. IsRehearsal ? (string[])["--rehearse"] : []];
}
