namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>Where the program says something other than what is recorded: all such places are reported at once.</summary>
sealed class Differences
{
    readonly List<string> told = [];

    /// <summary>Notes a difference, if there is one.</summary>
    /// <param name="name">What was asked.</param>
    /// <param name="recorded">What the earlier program said, masked.</param>
    /// <param name="found">What this one says, masked.</param>
    public void Compare(string name, string recorded, string found)
    {
        if (!ConsoleText.SaysTheSame(recorded, found))
        {
            lock (told)
            {
                told.Add($"--- {name}\nrecorded: {recorded}\nfound:    {found}");
            }
        }
    }

    public void RequireNone() => Assert.True(told.Count == 0, string.Join('\n', told.Order(StringComparer.Ordinal)));
}
