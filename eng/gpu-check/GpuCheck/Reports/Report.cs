namespace OrtDpo.GpuCheck.Reports;

/// <summary>All that was found on one machine: <c>report.json</c>.</summary>
/// <param name="Format">The version of the form.</param>
/// <param name="MadeAt">When, in UTC.</param>
/// <param name="Gpu">On what; null: no device could be opened, and the first check says why.</param>
/// <param name="Checks">What each check found, by number.</param>
sealed record Report(int Format, DateTimeOffset MadeAt, GpuFacts? Gpu, IReadOnlyList<CheckResult> Checks)
{
    /// <summary>The form that this program reads and writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The name of its file.</summary>
    public const string FileName = "report.json";

    /// <summary>Of results in files, those that are there.</summary>
    public static Report Of(GpuFacts? gpu, IEnumerable<CheckResult> checks) =>
        new(CurrentFormat, DateTimeOffset.UtcNow, gpu, [.. checks.OrderBy(check => check.Number)]);

    /// <summary>Reads a report.</summary>
    /// <exception cref="InvalidDataException">It is of another form.</exception>
    public static Report Read(string path)
    {
        var report = ReportJson.Read<Report>(path);
        return report.Format == CurrentFormat ? report : throw new InvalidDataException(
            $"{path} has format {report.Format}; this program reads {CurrentFormat}. Use the program that wrote it.");
    }

    /// <summary>This one's results with those of a later report in their places.</summary>
    public Report With(Report later) => later with
    {
        Gpu = later.Gpu ?? Gpu,
        Checks = [.. later.Checks.UnionBy(Checks, check => check.Number).OrderBy(check => check.Number)],
    };

    /// <summary>Writes it and its page into a folder, which is made where it is not there.</summary>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        ReportJson.Write(Path.Combine(folder, FileName), this);
        File.WriteAllText(Path.Combine(folder, ReportPage.FileName), ReportPage.Of(this));
    }
}
