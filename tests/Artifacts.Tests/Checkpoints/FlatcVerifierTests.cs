using System.ComponentModel;

namespace OrtDpo.Artifacts.Tests.Checkpoints;

/// <summary>
/// The verifier that FlatBuffers' own compiler makes of our schema, in C++ as ONNX Runtime has it, takes what is written here; and whatever
/// it refuses is refused here.
/// </summary>
[Trait("Speed", "native")]
public sealed class FlatcVerifierTests : IDisposable
{
    static readonly byte[] Masks = [0xFF, 0x01, 0x80];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Takes_what_is_written_and_what_it_refuses_of_it_is_refused() => Check(["small", "nominal"]);

    [Fact]
    [Trait("Speed", "long")]
    public void Takes_all_that_a_checkpoint_can_hold_and_what_it_refuses_of_it_is_refused() => Check(["whole", "external", "built"]);

    void Check(string[] names)
    {
        var program = Build();
        foreach (var (name, bytes) in Files().Where(file => names.Contains(file.Name)))
        {
            var run = ProgramRun.Of(program, [folder.Write("file", bytes)]);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.Equal('1', run.Output[0]);
            Assert.Equal(1 + (4 * bytes.Length), run.Output.Length);
            foreach (var (what, changed, taken) in Changed(bytes).Zip(run.Output.Skip(1), (c, answer) => (c.What, c.Bytes, answer == '1')))
            {
                Assert.True(
                    taken || !DamagedCheckpointTests.Readable(folder.Write("changed", changed)),
                    $"{name}, {what}: it is read, and the verifier refuses it");
            }
        }
    }

    IEnumerable<(string Name, byte[] Bytes)> Files()
    {
        var path = folder.File("checkpoint");
        SampleCheckpoint.Small.Write(path);
        yield return ("small", File.ReadAllBytes(path));
        SampleCheckpoint.Whole.Write(path);
        yield return ("whole", File.ReadAllBytes(path));
        SampleCheckpoint.Whole.Write(path, external: true);
        // Beside what is changed, too: a file without its tensors is refused whatever its tables are.
        File.Copy(path + ".data", folder.File("changed.data"));
        yield return ("external", File.ReadAllBytes(path));
        (SampleCheckpoint.Whole with { IsNominal = true, Groups = [] }).Write(path);
        yield return ("nominal", File.ReadAllBytes(path));
        yield return ("built", BuiltCheckpoint.Of(SampleCheckpoint.Whole));
    }

    static IEnumerable<(string What, byte[] Bytes)> Changed(byte[] bytes)
    {
        for (var length = 0; length < bytes.Length; length++)
        {
            yield return ($"cut after {length} bytes", bytes[..length]);
        }

        for (var at = 0; at < bytes.Length; at++)
        {
            foreach (var mask in Masks)
            {
                byte[] changed = [.. bytes];
                changed[at] ^= mask;
                yield return ($"byte {at} flipped by {mask:X2}", changed);
            }
        }
    }

    string Build()
    {
        var (schema, source) = (Repository.Find("src", "Artifacts", "Checkpoints", "checkpoint.fbs"),
            Repository.Find("tests", "Artifacts.Tests", "Checkpoints", "verify.cpp"));
        var program = folder.File("verify");
        Run("flatc", ["--cpp", "-o", folder.Path, schema]);
        Run("g++", ["-std=c++17", "-O1", "-I", folder.Path, "-o", program, source]);
        return program;
    }

    static void Run(string program, string[] arguments)
    {
        ProgramRun run;
        try
        {
            run = ProgramRun.Of(program, arguments);
        }
        catch (Win32Exception)
        {
            Assert.Skip($"There is no {program} (Debian's packages flatbuffers-compiler, libflatbuffers-dev and g++).");
            return;
        }

        Assert.SkipWhen(
            run.Error.Contains("flatbuffers/flatbuffers.h", StringComparison.Ordinal),
            "FlatBuffers' headers are not there (Debian's package libflatbuffers-dev).");
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
    }
}
