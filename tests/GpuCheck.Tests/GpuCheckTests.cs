namespace OrtDpo.GpuCheck.Tests;

/// <summary>
/// The checks for a GPU where there is none: on stub libraries, which show that they start, launch and report, and with the processor in
/// the role of the device, which shows that right numbers pass.
/// </summary>
public sealed class GpuCheckTests
{
    const string Junk = "numbers are junk on stubs";

    [Fact]
    public void On_stubs_checks_run_and_judge_no_number()
    {
        using var program = new CheckProgram();
        var run = program.Run(CheckProgram.OnStubs(), "1-3", "5", "12", "14");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            [(1, Junk), (2, Junk), (3, Junk), (5, Junk), (12, Junk), (14, Junk)], program.Statuses().Select(s => (s.Key, s.Value)));
        Assert.True(program.Report().GetProperty("gpu").GetProperty("is_stub").GetBoolean());
        Assert.All(
            program.Check(2).GetProperty("figures").EnumerateArray(),
            figure => Assert.Equal(System.Text.Json.JsonValueKind.Null, figure.GetProperty("holds").ValueKind));
        Assert.StartsWith("STUB LIBRARIES", run.Output, StringComparison.Ordinal);
        Assert.Contains("These are stub libraries", program.Page, StringComparison.Ordinal);
        Assert.Contains("Gemm with C = Y twice", program.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", program.Page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    [Trait("Speed", "long")]
    public void Right_numbers_pass()
    {
        CheckProgram.RequireLinux();
        using var program = new CheckProgram();
        var run = program.Run(variables: null, "--rehearse", "1-3", "5", "12");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.All(program.Statuses(), status => Assert.Equal("passed", status.Value));
        Assert.All(
            program.Check(5).GetProperty("figures").EnumerateArray().Where(f => f.GetProperty("at_most").ValueKind
                == System.Text.Json.JsonValueKind.Number),
            figure => Assert.True(figure.GetProperty("holds").GetBoolean()));
    }

    [Fact]
    public void A_check_that_crashes_is_told_and_the_next_one_runs()
    {
        using var program = new CheckProgram();
        // Check 11 wants half a gigabyte.
        var run = program.Run(CheckProgram.OnStubs(("FAKECUDA_MEMORY", $"{200 << 20}")), "11-12");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal([(11, "crashed"), (12, Junk)], program.Statuses().Select(s => (s.Key, s.Value)));
        var message = program.Check(11).GetProperty("message").GetString()!;
        Assert.Contains("InsufficientMemoryException", message, StringComparison.Ordinal);
        Assert.Contains("more of memory", message, StringComparison.Ordinal);
        Assert.Contains("11 mapped memory: crashed", run.Output, StringComparison.Ordinal);
        Assert.Contains("crashed", program.Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_device_every_check_says_why()
    {
        using var program = new CheckProgram();
        var run = program.Run(CheckProgram.OnStubs(("FAKECUDA_DEVICES", "0")), "1", "12");
        Assert.Equal(1, run.ExitCode);
        Assert.All(program.Statuses(), status => Assert.Equal("crashed", status.Value));
        Assert.Contains("finds no CUDA device", program.Check(12).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, program.Report().GetProperty("gpu").ValueKind);
    }

    [Fact]
    public void A_check_ends_after_its_time_and_what_has_none_left_is_skipped()
    {
        CheckProgram.RequireLinux();
        using var program = new CheckProgram();
        var run = program.Run(variables: null, "--rehearse", "--seconds", "7", "4", "12");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal([(4, "timed out"), (12, "skipped")], program.Statuses().Select(s => (s.Key, s.Value)));
        Assert.NotEmpty(program.Check(4).GetProperty("figures").EnumerateArray());
    }

    [Fact]
    public void Reports_of_calls_become_one()
    {
        CheckProgram.RequireLinux();
        using var first = new CheckProgram();
        using var second = new CheckProgram();
        first.Run(variables: null, "--rehearse", "1", "12");
        second.Run(variables: null, "--rehearse", "12-13");
        var (one, other) = (Path.Combine(first.Out, "report.json"), Path.Combine(second.Out, "report.json"));
        var run = CheckProgram.Start("merge", first.Out, one, other);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal([1, 12, 13], first.Statuses().Keys);
        Assert.Equal(
            second.Check(12).GetProperty("seconds").GetDouble(), first.Check(12).GetProperty("seconds").GetDouble());
    }

    [Fact]
    public void What_stubs_found_does_not_stand_in_the_report_of_another_device()
    {
        using var program = new CheckProgram();
        program.Run(CheckProgram.OnStubs(), "12");
        program.Run(variables: null, "--rehearse", "1");
        Assert.Equal([(1, "passed")], program.Statuses().Select(s => (s.Key, s.Value)));
        Assert.False(program.Report().GetProperty("gpu").GetProperty("is_stub").GetBoolean());
        program.Run(variables: null, "--rehearse", "13");
        Assert.Equal([1, 13], program.Statuses().Keys);
    }

    [Fact]
    public void A_number_that_is_no_check_is_refused()
    {
        CheckProgram.RequireLinux();
        using var program = new CheckProgram();
        var run = program.Run(variables: null, "99");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("There is no check 99; they are 1 to 14.", run.Error, StringComparison.Ordinal);
    }
}
