using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Tests.CommandLine;

public sealed class ProgramOutputTests
{
    [Fact]
    public void Without_a_terminal_progress_is_a_line_every_ten_seconds_and_one_at_the_end()
    {
        var clock = new Clock();
        var text = Written(clock, output =>
        {
            using var track = output.Track("scoring", 100, "pairs");
            for (var done = 0; done < 100; done += 20)
            {
                track.Done(done);
                clock.Advance(TimeSpan.FromSeconds(5));
            }

            track.End();
        });

        // 40 pairs after 10 s: 4 a second, 60 left. 80 pairs after 20 s: the same, 20 left.
        Assert.Equal(
            """
            scoring: 40 of 100 pairs, 4 pairs/s, 15 s left
            scoring: 80 of 100 pairs, 4 pairs/s, 5 s left
            scoring: 100 pairs in 25.0 s

            """,
            text);
    }

    [Fact]
    public void What_takes_longer_than_a_second_is_told_by_the_seconds_that_it_takes()
    {
        var clock = new Clock();
        var text = Written(clock, output =>
        {
            using var track = output.Track("training", 3, "steps");
            clock.Advance(TimeSpan.FromSeconds(58.1));
            track.Done(1);
            clock.Advance(TimeSpan.FromSeconds(61.9));
            track.Done(2);
        });

        Assert.Equal(
            """
            training: 1 of 3 steps, 58.1 s each, 116 s left
            training: 2 of 3 steps, 60 s each, 60 s left

            """,
            text);
    }

    [Fact]
    public void Columns_are_as_wide_as_their_widest_cell() =>
        Assert.Equal("a    bb\nccc  d\n", Written(new Clock(), output => output.WriteTable(["a", "bb"], ["ccc", "d"])));

    [Fact]
    public void Lines_are_written_as_they_are() =>
        Assert.Equal("[bold]x[/]\n", Written(new Clock(), output => output.WriteLine("[bold]x[/]")));

    static string Written(TimeProvider clock, Action<ProgramOutput> write)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        write(new ProgramOutput(writer, clock));
        return writer.ToString();
    }

    sealed class Clock : TimeProvider
    {
        long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Advance(TimeSpan by) => now += by.Ticks;
    }
}
