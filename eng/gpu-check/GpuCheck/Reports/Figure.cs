namespace OrtDpo.GpuCheck.Reports;

/// <summary>A number that a check found, or a word.</summary>
/// <param name="Name">What it is of.</param>
/// <param name="Value">The number; null: it is no finite number, and <paramref name="Text"/> says what it is.</param>
/// <param name="Unit">Its unit; empty: none.</param>
/// <param name="Text">What stands beside the number, or in its place.</param>
/// <param name="AtMost">The most that it may be; null: there is no such limit.</param>
/// <param name="AtLeast">The least that it may be; null: there is no such limit.</param>
/// <param name="Holds">Whether the limits hold; null: there are none, or the number is junk.</param>
/// <param name="IsComputed">Whether it follows from what the device computes, or from how long that takes, which stubs have not.</param>
sealed record Figure(
    string Name, double? Value, string Unit, string Text, double? AtMost, double? AtLeast, bool? Holds, bool IsComputed)
{
    /// <summary>The text of a figure that is as it should be, and that of one that is not.</summary>
    public const string Yes = "yes", No = "no";
}
