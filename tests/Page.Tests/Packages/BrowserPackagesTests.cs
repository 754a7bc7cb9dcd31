using System.Formats.Tar;
using System.IO.Compression;
using OrtDpo.Page.Packages;

namespace OrtDpo.Page.Tests.Packages;

public sealed class BrowserPackagesTests
{
    [Fact]
    public void A_folder_without_the_packages_is_refused_with_the_command_that_installs_them()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<FileNotFoundException>(() => BrowserPackages.Read(folder.Path));
        Assert.Equal(
            $"{folder.Path} holds neither onnxruntime-web nor onnxruntime-web-1.19.2.tgz, which the page runs in the browser. Run "
            + "`npm install onnxruntime-web@1.19.2 @huggingface/tokenizers@0.2.0`, and give its node_modules (`Packages`).",
            error.Message);
    }

    [Fact]
    public void Another_version_is_refused_by_its_bytes()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("onnxruntime-web/dist"));
        folder.Write("onnxruntime-web/dist/ort.training.wasm.min.mjs", "export {};");
        var error = Assert.Throws<InvalidDataException>(() => BrowserPackages.Read(folder.Path));
        Assert.Contains("is not the file of onnxruntime-web 1.19.2: its SHA-256 is ", error.Message, StringComparison.Ordinal);
        Assert.Contains("and that version's is 2fe8e5163301…", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_that_lacks_a_file_is_refused_by_the_files_name()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("onnxruntime-web"));
        var error = Assert.Throws<FileNotFoundException>(() => BrowserPackages.Read(folder.Path));
        Assert.StartsWith(
            $"{folder.File("onnxruntime-web/dist/ort.training.wasm.min.mjs")} is not there. Expected onnxruntime-web 1.19.2", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_archive_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("onnxruntime-web-1.19.2.tgz", "no archive");
        var error = Assert.Throws<InvalidDataException>(() => BrowserPackages.Read(folder.Path));
        Assert.StartsWith($"{folder.File("onnxruntime-web-1.19.2.tgz")} is damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_are_read_installed_and_packed_alike()
    {
        var installed = PagePackages.Folder;
        using var folder = new TemporaryFolder();
        foreach (var package in PackageFile.All.GroupBy(file => (file.Package, file.Archive)))
        {
            using var zipped = new GZipStream(File.Create(folder.File(package.Key.Archive)), CompressionLevel.Fastest);
            using var tar = new TarWriter(zipped);
            foreach (var file in package)
            {
                tar.WriteEntry(Path.Combine(installed, package.Key.Package, file.Source), $"package/{file.Source}");
            }
        }

        var expected = BrowserPackages.Read(installed);
        Assert.Equal(PackageFile.All.Select(file => file.Name), expected.Select(file => file.Name));
        Assert.Equal(expected, BrowserPackages.Read(folder.Path), (a, b) => a.Name == b.Name && a.Bytes.AsSpan().SequenceEqual(b.Bytes));
    }
}
