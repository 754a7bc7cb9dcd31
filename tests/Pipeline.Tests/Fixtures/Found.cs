namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>
/// Where <c>ORTDPO_FOUND</c> names a folder, tests leave there what they found, laid out as the fixtures are: to look at a difference with
/// <c>diff -r</c>, and to record what is new.
/// </summary>
static class Found
{
    public static void Keep(string name, string text)
    {
        if (Environment.GetEnvironmentVariable("ORTDPO_FOUND") is { Length: > 0 } folder)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
    }
}
