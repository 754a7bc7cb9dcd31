namespace OrtDpo.GpuCheck.Reports;

/// <summary>What one check found.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Message">Why it did not pass; empty where it did.</param>
/// <param name="Figures">What it found, as far as it came.</param>
sealed record CheckResult(
    int Number, string Name, CheckStatus Status, double Seconds, string Message, IReadOnlyList<Figure> Figures);
