using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using OrtDpo.Runs;

namespace OrtDpo.Page.Packages;

/// <summary>The npm packages of the page, read and checked.</summary>
static class BrowserPackages
{
    // Digits of a digest that people are shown.
    const int Shown = 12;

    /// <summary>The packages' files, by their names beside the page.</summary>
    /// <param name="folder">A <c>node_modules</c>, or a folder of archives that <c>npm pack</c> made.</param>
    /// <exception cref="FileNotFoundException">A package is not there; the message has the command that installs it.</exception>
    /// <exception cref="InvalidDataException">A file is another than that of the version.</exception>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Read(string folder) =>
    [
        .. PackageFile.All.GroupBy(file => (file.Package, file.Archive))
            .SelectMany(package => Read(folder, package.Key.Package, package.Key.Archive, [.. package])),
    ];

    static IEnumerable<(string Name, byte[] Bytes)> Read(string folder, string package, string archive, IReadOnlyList<PackageFile> files)
    {
        var (installed, packed) = (Path.Combine(folder, package), Path.Combine(folder, archive));
        if (!Directory.Exists(installed) && !File.Exists(packed))
        {
            throw new FileNotFoundException($"{folder} holds neither {package} nor {archive}, which the page runs in the browser. "
                + $"Run `{PackageFile.Install}`, and give its node_modules (`Packages`).");
        }

        var found = Directory.Exists(installed) ? Installed(installed, files) : Packed(packed, files);
        foreach (var file in files)
        {
            var where = Path.Combine(Directory.Exists(installed) ? installed : packed, file.Source);
            var bytes = found.GetValueOrDefault(file.Source) ?? throw new FileNotFoundException($"{where} is not there. Expected {package} "
                + $"{file.Version}: run `{PackageFile.Install}`, and give its node_modules (`Packages`).");
            Require(file, bytes, where);
            yield return (file.Name, bytes);
        }
    }

    static Dictionary<string, byte[]> Installed(string folder, IReadOnlyList<PackageFile> files) => files
        .Select(file => (file.Source, Path: Path.Combine(folder, file.Source)))
        .Where(file => File.Exists(file.Path))
        .ToDictionary(file => file.Source, file => File.ReadAllBytes(file.Path), StringComparer.Ordinal);

    static Dictionary<string, byte[]> Packed(string archive, IReadOnlyList<PackageFile> files)
    {
        const string Root = "package/";
        var wanted = files.Select(file => Root + file.Source).ToHashSet(StringComparer.Ordinal);
        var found = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        try
        {
            using var unzipped = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
            using var tar = new TarReader(unzipped);
            while (tar.GetNextEntry() is { } entry)
            {
                if (wanted.Contains(entry.Name) && entry.DataStream is { } data)
                {
                    using var bytes = new MemoryStream();
                    data.CopyTo(bytes);
                    found[entry.Name[Root.Length..]] = bytes.ToArray();
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new InvalidDataException($"{archive} is damaged: {e.Message} Run `npm pack` again.", e);
        }

        return found;
    }

    static void Require(PackageFile file, byte[] bytes, string where)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (sha256 != file.Sha256)
        {
            throw new InvalidDataException($"{where} is not the file of {file.Package} {file.Version}: its SHA-256 is {sha256[..Shown]}… "
                + $"and that version's is {file.Sha256[..Shown]}…. Run `{PackageFile.Install}`, and give its node_modules (`Packages`).");
        }
    }

    /// <summary>Writes files into a folder.</summary>
    public static void Write(IEnumerable<(string Name, byte[] Bytes)> files, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in files)
        {
            AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(bytes));
        }
    }
}
