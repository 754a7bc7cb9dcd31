using OrtDpo.Train.OnDevice;

namespace OrtDpo.Train.Tests.OnDevice;

public sealed class TrainingLibraryTests : IDisposable
{
    const string Platform = "linux-x64";
    const string Beginning = "`Engine` on-device needs ONNX Runtime's native library of 1.19.2, built with training, and ";
    const string End = ". It comes with the NuGet package Microsoft.ML.OnnxRuntime.Training 1.19.2: restore that, or give the library's "
        + "path (`OnDeviceLibrary`).";

    static readonly string Name = OperatingSystem.IsWindows() ? "onnxruntime.dll" : "libonnxruntime.so";

    readonly TemporaryFolder folder = new();

    string Program => folder.File("program");

    string Packages => folder.File("packages");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_is_taken_from_beside_the_program_then_from_NuGets_folder()
    {
        var restored = Put("packages", "microsoft.ml.onnxruntime.training", "1.19.2", "runtimes", Platform, "native");
        Assert.Equal(restored, Find(given: null));
        var copied = Put("program", "runtimes", Platform, "native");
        Assert.Equal(copied, Find(given: null));
        var beside = Put("program");
        Assert.Equal(beside, Find(given: null));
        Assert.Equal(restored, Find(restored));
    }

    [Fact]
    public void Another_version_in_NuGets_folder_is_not_taken()
    {
        Put("packages", "microsoft.ml.onnxruntime.training", "1.18.0", "runtimes", Platform, "native");
        var package = Path.Combine(Packages, "microsoft.ml.onnxruntime.training", "1.19.2");
        Assert.Equal($"{Beginning}it is neither in {Program} nor in {package}{End}", Fault(() => Find(given: null)));
    }

    [Fact]
    public void A_path_that_is_given_and_not_there_is_named_and_nothing_else_is_taken()
    {
        Put("program");
        Assert.Equal($"{Beginning}there.so (`OnDeviceLibrary`) does not exist{End}", Fault(() => Find("there.so")));
    }

    [Fact]
    public void A_platform_that_the_package_has_nothing_for_is_named_and_a_path_still_counts()
    {
        var own = Put("own");
        Assert.Equal(
            $"{Beginning}the package has none for osx-arm64, but for linux-x64, linux-arm64, win-x64, win-x86, win-arm64{End}",
            Fault(() => TrainingLibrary.Find(null, Program, Packages, "osx-arm64")));
        Assert.Equal(own, TrainingLibrary.Find(own, Program, Packages, "osx-arm64"));
    }

    string Find(string? given) => TrainingLibrary.Find(given, Program, Packages, Platform);

    static string Fault(Func<string> find) => Assert.Throws<FileNotFoundException>(find).Message;

    string Put(params string[] place)
    {
        var path = Path.Combine([folder.Path, .. place]);
        Directory.CreateDirectory(path);
        var file = Path.Combine(path, Name);
        File.WriteAllText(file, "");
        return file;
    }
}
