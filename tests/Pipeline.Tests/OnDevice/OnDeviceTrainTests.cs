using System.Text.Json.Nodes;
using OrtDpo.Testing.OnDevice;

namespace OrtDpo.Pipeline.Tests.OnDevice;

/// <summary>
/// Runs by the on-device engine, its program and its protocol as they are, over the stub: real kernels of 1.19.2 forward and backward, and
/// an AdamW that was written beside ours.
/// </summary>
public sealed class OnDeviceTrainTests(OnDeviceFixture fixture) : IClassFixture<OnDeviceFixture>
{
    [Theory]
    [InlineData("full")]
    // With a loss over all rows of a step, and a decay, which matrices of adapters take.
    [InlineData("lora", "--lora-rank", "4", "--loss", "aot", "--weight-decay", "0.1")]
    public void Both_engines_go_the_same_way_and_leave_the_same_files(string name, params string[] options)
    {
        var byOnDevice = OnDeviceFixture.ByOnDevice();
        TinyPipeline.Succeed([.. fixture.Train($"{name}-step"), .. options]);
        var printed = TinyPipeline.Succeed([.. fixture.Train($"{name}-device"), .. options, .. byOnDevice]);
        Assert.Contains("engine: on-device", printed, StringComparison.Ordinal);
        Assert.Contains("step-0 gate: passed", printed, StringComparison.Ordinal);
        Assert.Contains("engine: \"on-device\"\n", File.ReadAllText(Path.Combine(fixture.Out($"{name}-device"), "config.yaml")),
            StringComparison.Ordinal);
        Assert.Equal(
            "1.19.2", (string)JsonNode.Parse(File.ReadAllText(Path.Combine(fixture.Out($"{name}-device"), "environment.json")))![
                "onnx_runtime"]!);
        RequireAlike(fixture.Out($"{name}-step"), fixture.Out($"{name}-device"));
    }

    [Fact]
    public void Either_engine_goes_on_with_the_others_run_and_says_so()
    {
        var byOnDevice = OnDeviceFixture.ByOnDevice();
        TinyPipeline.Succeed(fixture.Train("whole"));

        TinyPipeline.Succeed(fixture.Train("there"));
        Rewind("there");
        var printed = TinyPipeline.Succeed([.. fixture.Train("there"), "--resume", .. byOnDevice]);
        Assert.Contains(
            "resumed otherwise than before: engine was \"step\" and is now \"on-device\"; last bits may differ", printed,
            StringComparison.Ordinal);
        RequireAlike(fixture.Out("whole"), fixture.Out("there"));

        TinyPipeline.Succeed([.. fixture.Train("back"), .. byOnDevice]);
        Rewind("back");
        printed = TinyPipeline.Succeed([.. fixture.Train("back"), "--resume"]);
        Assert.Contains("engine was \"on-device\" and is now \"step\"", printed, StringComparison.Ordinal);
        RequireAlike(fixture.Out("whole"), fixture.Out("back"));
        Assert.Contains(
            "everything is as it was written", TinyPipeline.Succeed("verify", fixture.Out("back")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rehearsal_opens_the_engine_and_writes_nothing()
    {
        var printed = TinyPipeline.Succeed([.. fixture.Train("dry"), .. OnDeviceFixture.ByOnDevice(), "--dry-run"]);
        Assert.Contains("engine: on-device", printed, StringComparison.Ordinal);
        Assert.Contains("step-0 gate: passed", printed, StringComparison.Ordinal);
        Assert.False(Path.Exists(fixture.Out("dry")));
    }

    [Fact]
    public void Without_its_library_it_is_refused_in_one_sentence_with_where_that_comes_from()
    {
        var run = OrtDpoProgram.Run([.. fixture.Train("none"), "--engine", "on-device"]);
        Assert.SkipWhen(run.ExitCode == 0, "The package Microsoft.ML.OnnxRuntime.Training 1.19.2 is on this machine.");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(
            "--engine on-device needs ONNX Runtime's native library of 1.19.2, built with training, and ", run.Error,
            StringComparison.Ordinal);
        Assert.EndsWith(
            "It comes with the NuGet package Microsoft.ML.OnnxRuntime.Training 1.19.2: restore that, or give the library's path "
            + "(--on-device-library).\n",
            run.Error, StringComparison.Ordinal);
        Assert.False(Path.Exists(fixture.Out("none")));
    }

    [Fact]
    public void A_library_without_training_is_refused_by_the_engines_process()
    {
        var run = OrtDpoProgram.Run(
            [.. fixture.Train("plain"), "--engine", "on-device", "--on-device-library", StubRuntime.Plain()]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("is ONNX Runtime 1.19.2, but was built without training. ", run.Error, StringComparison.Ordinal);
        Assert.False(Path.Exists(fixture.Out("plain")));
    }

    [Fact]
    public void An_engine_that_dies_says_with_what_and_its_last_words()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && StubRuntime.OnPath("cc"), "A library is built by cc on Linux, which is not here.");
        var (source, library) = (fixture.Out("dies.c"), fixture.Out("dies.so"));
        File.WriteAllText(source, """
            #include <stdio.h>
            #include <stdlib.h>
            void *OrtGetApiBase(void) { fprintf(stderr, "out of luck\n"); abort(); }
            """);
        var build = ProgramRun.Of("cc", ["-shared", "-fPIC", "-o", library, source]);
        Assert.Equal((0, ""), (build.ExitCode, build.Error));
        var run = OrtDpoProgram.Run([.. fixture.Train("died"), "--engine", "on-device", "--on-device-library", library]);
        Assert.Equal(
            (1, "The engine's process ended while it was to begin. Its exit code is 134, and it wrote last: out of luck\n"),
            (run.ExitCode, run.Error));
        Assert.False(Path.Exists(fixture.Out("died")));
    }

    [Theory]
    [InlineData("--device is auto, and --engine on-device runs on the processor alone.", "--device", "auto")]
    [InlineData("--optimizer is adamw8bit, and --engine on-device keeps moments in float32.", "--optimizer", "adamw8bit")]
    [InlineData("--memory is given, and --engine on-device keeps what ONNX Runtime keeps.", "--memory", "recompute")]
    [InlineData("--force is given, and --engine on-device plans no memory that it could exceed.", "--force")]
    [InlineData("--samples is given, and --engine on-device scores, and makes no text.", "--samples", "2")]
    public void What_the_engine_does_not_do_is_refused_before_anything_is_made(string reason, params string[] options)
    {
        var run = OrtDpoProgram.Run([.. fixture.Train("refused"), "--engine", "on-device", .. options]);
        Assert.Equal((1, $"{reason} Leave it out, or train with --engine step.\n"), (run.ExitCode, run.Error));
        Assert.False(Path.Exists(fixture.Out("refused")));
    }

    [Fact]
    public void A_base_in_four_bits_is_refused()
    {
        var run = OrtDpoProgram.Run(
            "train", "--model", fixture.Model, "--data", fixture.Data, "--loss", "simpo", "--out", fixture.Out("refused"), "--base", "nf4",
            "--lora-rank", "4", "--engine", "on-device");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(
            "--base is nf4, and --engine on-device holds all weights in float32.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_decay_where_vectors_train_is_refused()
    {
        var run = OrtDpoProgram.Run([.. fixture.Train("decay"), .. OnDeviceFixture.ByOnDevice(), "--weight-decay", "0.1"]);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("--weight-decay is 0.1", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_library_of_an_engine_that_is_not_chosen_is_a_fault_of_the_command_line()
    {
        var run = OrtDpoProgram.Run([.. fixture.Train("inert"), "--on-device-library", "there.so"]);
        Assert.Equal(
            (2, "--on-device-library is there.so, and has no effect without --engine on-device. See ortdpo train --help.\n"),
            (run.ExitCode, run.Error));
    }

    static void RequireAlike(string expected, string found) => TwoRuns.RequireAlike(expected, found, steps: 4);

    // As a run that was killed after its first checkpoint.
    void Rewind(string run)
    {
        Directory.Delete(Path.Combine(fixture.Out(run), "checkpoints", "step-4"), recursive: true);
        File.Delete(Path.Combine(fixture.Out(run), "manifest.json"));
    }
}
