using System.Text.Json;

namespace OrtDpo.GpuCheck.Tests;

/// <summary>What checks make of other programs: <c>nvidia-smi</c>, and a Python with PyTorch; scripts stand in their places.</summary>
public sealed class OtherProgramsTests : IDisposable
{
    readonly TemporaryFolder programs = new();

    public void Dispose() => programs.Dispose();

    /// <summary>Else the context that the check is to measure would be in what it is measured from.</summary>
    [Fact]
    [Trait("Speed", "long")]
    public void What_nvidia_smi_counts_is_from_before_the_device_was_opened()
    {
        // MiB, as it says them: 500 more once the process that asks has CUDA's libraries.
        Write("nvidia-smi", "if grep -q libcudart /proc/$PPID/maps; then echo 600; else echo 100; fi");
        using var program = new CheckProgram();
        program.Run(OnStubs(), "8");
        var taken = Figures(program.Check(8), "taken by the process, as nvidia-smi counts");
        Assert.Equal(4, taken.Count);
        Assert.All(taken, figure => Assert.Equal((500 << 20) / 1e9, figure.GetProperty("value").GetDouble(), 1e-9));
    }

    [Fact]
    [Trait("Speed", "long")]
    public void Where_PyTorch_ends_badly_the_next_model_is_measured_all_the_same()
    {
        Write("python3", """
            case "$*" in
              *compare.py*)
                echo '{"loop": "reference cached", "tokens_per_second": 100, "peak_bytes": 1000}'
                echo "out of memory" >&2
                exit 1 ;;
              *) echo "2.10 CUDA 13" ;;
            esac
            """);
        using var program = new CheckProgram();
        program.Run(OnStubs(), "9");
        var check = program.Check(9);
        Assert.Equal(3, Figures(check, "this engine against PyTorch, reference cached").Count);
        Assert.All(
            Figures(check, "why PyTorch did not end well"),
            figure => Assert.Contains("out of memory", figure.GetProperty("text").GetString(), StringComparison.Ordinal));
        Assert.Equal(3, Figures(check, "PyTorch ran to its end").Count);
    }

    Dictionary<string, string> OnStubs()
    {
        var variables = CheckProgram.OnStubs(("FAKECUDA_MEMORY", "150000000000"), ("FAKECUDA_MOVES_BYTES", "0"));
        variables["PATH"] = $"{programs.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        return variables;
    }

    void Write(string name, string text)
    {
        CheckProgram.RequireLinux();
        File.WriteAllText(programs.File(name), $"#!/bin/sh\n{text}\n");
        Assert.Equal(0, ProgramRun.Of("chmod", ["+x", programs.File(name)]).ExitCode);
    }

    static List<JsonElement> Figures(JsonElement check, string name) =>
    [
        .. check.GetProperty("figures").EnumerateArray()
            .Where(f => f.GetProperty("name").GetString()!.EndsWith(name, StringComparison.Ordinal)),
    ];
}
