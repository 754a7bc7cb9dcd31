using OrtDpo.Runs;

namespace OrtDpo.Page;

/// <summary>The page's own files, which are part of this assembly.</summary>
static class Site
{
    const string Prefix = "Site/";

    /// <summary>Writes them into a folder.</summary>
    public static void WriteTo(string folder)
    {
        var assembly = typeof(Site).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var path = Path.Combine(folder, name[Prefix.Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var content = assembly.GetManifestResourceStream(name)!;
            AtomicFile.Write(path, content.CopyTo);
        }
    }
}
