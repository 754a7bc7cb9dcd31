using OrtDpo.Testing.OnDevice;
using OrtDpo.Train.OnDevice.Native;

namespace OrtDpo.Train.OnDevice.Tests.Native;

public sealed class OrtLibraryTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_library_that_is_not_there_says_where_it_comes_from() =>
        Assert.EndsWith(
            "does not exist. Expected ONNX Runtime's native library of 1.19.2, built with training: it comes with the NuGet package "
            + "Microsoft.ML.OnnxRuntime.Training 1.19.2.",
            Assert.Throws<FileNotFoundException>(() => OrtLibrary.Load(folder.File("libonnxruntime.so"))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_no_library_is_refused()
    {
        var path = folder.Write("libonnxruntime.so", "no library");
        Assert.StartsWith(
            $"{path} cannot be loaded: ", Assert.Throws<NotSupportedException>(() => OrtLibrary.Load(path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_of_something_else_is_refused()
    {
        var path = Compiled("int nothing(void) { return 0; }");
        Assert.Contains(
            "it has no function OrtGetApiBase", Assert.Throws<NotSupportedException>(() => OrtLibrary.Load(path)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.31.0")]
    [InlineData("1.19.1")]
    public void Another_version_is_refused_before_anything_is_asked_of_it(string version)
    {
        var path = Compiled(
            $$"""
            #include <stdlib.h>
            static void *api(unsigned version) { (void)version; abort(); }
            static const char *text(void) { return "{{version}}"; }
            static struct { void *(*api)(unsigned); const char *(*text)(void); } base = {api, text};
            void *OrtGetApiBase(void) { return &base; }
            """);
        Assert.StartsWith(
            $"{path} is ONNX Runtime {version}; expected 1.19.2, built with training: ",
            Assert.Throws<NotSupportedException>(() => OrtLibrary.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_build_without_training_is_told_apart()
    {
        var path = StubRuntime.Plain();
        Assert.StartsWith(
            $"{path} is ONNX Runtime 1.19.2, but was built without training. ",
            Assert.Throws<NotSupportedException>(OrtLibrary.Load(path).RequireTraining).Message, StringComparison.Ordinal);
    }

    string Compiled(string source)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && StubRuntime.OnPath("cc"), "A library is built by cc on Linux, which is not here.");
        var (code, library) = (folder.Write("library.c", source), folder.File("library.so"));
        var build = ProgramRun.Of("cc", ["-shared", "-fPIC", "-o", library, code]);
        Assert.Equal((0, ""), (build.ExitCode, build.Error));
        return library;
    }
}
