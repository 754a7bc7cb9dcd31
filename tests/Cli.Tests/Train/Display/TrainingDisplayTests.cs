using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Tests.CommandLine;
using OrtDpo.Cli.Train.Display;
using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Cli.Tests.Train.Display;

public sealed class TrainingDisplayTests
{
    readonly ManualTime clock = new();

    [Fact]
    public void Without_a_terminal_there_is_a_line_every_ten_seconds_and_one_at_the_end()
    {
        using var text = new StringWriter { NewLine = "\n" };
        using (var display = new TrainingDisplay(ShownRun.Plan(8), memory: null, new ProgramOutput(text, clock)))
        {
            foreach (var step in Enumerable.Range(1, 8))
            {
                clock.Advance(4);
                display.Tell(ShownRun.Step(step, 8, 1.0 / step, accuracy: step / 8.0, tokensPerSecond: 3));
            }

            display.End();
        }

        // Two pairs, of twelve tokens, a step of four seconds: half a pair a second.
        Assert.Equal(
            """
            step 3 of 8: loss 0.3333, accuracy 0.375, 0.500 pairs/s, 3.00 tokens/s, 20 s left
            step 6 of 8: loss 0.1667, accuracy 0.750, 0.500 pairs/s, 3.00 tokens/s, 8 s left
            training: 8 steps in 32.0 s

            """,
            text.ToString());
    }

    [Fact]
    public void A_resumed_run_says_what_it_made_itself_and_how_long_that_took()
    {
        using var text = new StringWriter { NewLine = "\n" };
        using (var display = new TrainingDisplay(ShownRun.Plan(1000), memory: null, new ProgramOutput(text, clock)))
        {
            display.Begin(900, "no folder");
            clock.Advance(30);
            display.Tell(ShownRun.Step(901, 1000, double.NaN));
            clock.Advance(270);
            display.End();
        }

        Assert.Equal(
            """
            step 901 of 1000: no finite loss, accuracy 0.500, 2.00 pairs/s, 12.0 tokens/s, 49 min 30 s left
            training: 1 of 1000 steps in 5 min 0 s

            """,
            text.ToString());
    }

    [Fact]
    public void On_a_terminal_a_panel_is_drawn_below_the_lines_and_goes_at_the_end()
    {
        var screen = new TerminalScreen(80, 24);
        var output = new ProgramOutput(new ScreenWriter(screen), () => new(80, 24, true), clock);
        using var display = new TrainingDisplay(ShownRun.Plan(20), memory: null, output);
        Assert.Equal(
            [
                "step 0 of 20, 0 s so far, epoch 0.00",
                new string('─', 73) + " 0.0 %",
                "held out  next at step 4",
                "speed     the first step is being made",
                "saved     nothing yet, next at step 5",
            ],
            screen.Text);
        display.Tell(ShownRun.Evaluated(0, 0.9));
        output.WriteLine("step 0, held out");
        foreach (var step in Enumerable.Range(1, 10))
        {
            clock.Advance(2);
            display.Tell(ShownRun.Step(step, 20, 1.0 / step, accuracy: step / 10.0, tokensPerSecond: 6));
            if (step == 5)
            {
                display.Tell(new TrainingEvent.CheckpointWritten(5, "step-5"));
            }
        }

        clock.Advance(1);
        Assert.Equal(
            [
                "step 0, held out",
                "step 10 of 20, 19 s left, epoch 2.00, 21 s so far",
                new string('━', 36) + new string('─', 36) + " 50.0 %",
                // 1, 1/2, 1/3, … 1/10: less 1/10, in eighths of 9/10: 8, 3.6, 2.1, 1.3, 0.9, …
                "loss      0.1000  █▄▃▂▁▁▁▁▁▁",
                // 1/10, …, 1: less 1/10, in eighths of 9/10: 0, 0.9, 1.8, 2.7, 3.6, 4.4, 5.3, 6.2, 7.1, 8.
                "accuracy  1.000   ▁▁▂▃▄▅▆▇██",
                "held out  step 0, loss 0.9000, accuracy 0.750, next at step 12, margin 0.500",
                "speed     1.00 pairs/s, 6.00 tokens/s, gradient norm 1.25, learning rate 1E-05",
                "saved     step 5, 11 s ago, next at step 15",
            ],
            screen.Text);
        display.End();
        Assert.Equal(["step 0, held out", "training: 10 of 20 steps in 21.0 s"], screen.Text);
    }

    [Theory]
    [InlineData(20, 24)]
    [InlineData(40, 24)]
    [InlineData(80, 4)]
    [InlineData(200, 50)]
    [InlineData(1, 1)]
    public void It_fits_whatever_the_terminal_is(int width, int height)
    {
        var run = new TrainingProgress(ShownRun.Plan(20), clock);
        run.Tell(ShownRun.Evaluated(0, 1));
        foreach (var step in Enumerable.Range(1, 15))
        {
            run.Tell(ShownRun.Step(step, 20, step));
        }

        var unicode = TrainingPanel.Lines(run, memory: null, new TerminalSize(width, height, IsUnicode: true));
        var ascii = TrainingPanel.Lines(run, memory: null, new TerminalSize(width, height, IsUnicode: false));
        Assert.Equal(Math.Min(height, 7), unicode.Count);
        Assert.Equal(unicode.Select(line => line.Length), ascii.Select(line => line.Length));
        Assert.All(ascii, line => Assert.True(line.All(char.IsAscii), line));
        // A label and the first thing said are there in any case; the terminal's edge cuts what is narrower than that.
        Assert.All(unicode, line => Assert.True(line.Length <= Math.Max(width, 32), line));
    }

    [Fact]
    public void The_curve_of_a_resumed_run_has_its_earlier_steps_and_a_damaged_file_ends_nothing()
    {
        using var folder = new TemporaryFolder();
        var screen = new TerminalScreen(80, 24);
        folder.Write(
            MetricsFile.FileName,
            string.Concat(Enumerable.Range(1, 4).Select(step => ShownRun.Step(step, 20, step, accuracy: step).Metrics.ToJson() + "\n")));
        var output = new ProgramOutput(new ScreenWriter(screen), () => new(80, 24, true), clock);
        using (var display = new TrainingDisplay(ShownRun.Plan(20), memory: null, output))
        {
            display.Begin(3, folder.Path);
            clock.Advance(1);
            Assert.Contains("loss      3.0000  ▁▅█", screen.Text);
        }

        folder.Write(MetricsFile.FileName, "{\n");
        using var other = new TrainingDisplay(ShownRun.Plan(20), memory: null, output);
        other.Begin(3, folder.Path);
        clock.Advance(1);
        Assert.StartsWith("step 3 of 20", screen.Text[0], StringComparison.Ordinal);
    }

    sealed class ScreenWriter(TerminalScreen screen) : StringWriter
    {
        public override void Write(string? value) => screen.Write(value!);

        public override void WriteLine(string? value) => screen.Write(value + "\r\n");
    }
}
