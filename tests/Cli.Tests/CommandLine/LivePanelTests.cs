using System.Text;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Tests.CommandLine;

public sealed class LivePanelTests
{
    readonly ManualTime clock = new();
    TerminalScreen screen = new(20, 6);
    int height = 6;
    IReadOnlyList<string> lines = ["one", "two"];

    [Fact]
    public void It_stands_below_what_is_written_and_is_drawn_over_itself()
    {
        using var panel = Show();
        Assert.Equal(["one", "two"], screen.Text);
        panel.WriteAbove("first");
        lines = ["three"];
        clock.Advance(0.2);
        panel.Update(() => lines = ["longer than three", "4", "5"]);
        panel.WriteAbove("second");
        Assert.Equal(["first", "second", "longer than three", "4", "5"], screen.Text);
        // What follows the program begins on a row of its own.
        Assert.Equal((5, 0), screen.Cursor);
    }

    [Fact]
    public void Nothing_of_it_is_left_when_it_is_taken_away()
    {
        var panel = Show();
        panel.WriteAbove("first");
        panel.Dispose();
        panel.Dispose();
        panel.WriteAbove("last");
        panel.Update(() => lines = ["unseen"]);
        Assert.Equal(["first", "last"], screen.Text);
    }

    [Fact]
    public void Lines_above_it_wrap_scroll_and_keep_their_order()
    {
        using var panel = Show();
        // As long as the terminal is wide, longer, of several lines, empty, and more than there are rows.
        panel.WriteAbove("12345678901234567890");
        panel.WriteAbove("123456789012345678901");
        panel.WriteAbove("a\nb\r\nc");
        panel.WriteAbove("");
        foreach (var number in Enumerable.Range(0, 10))
        {
            panel.WriteAbove($"line {number}");
        }

        Assert.Equal(
            ["12345678901234567890", "12345678901234567890", "1", "a", "b", "c", "", .. Enumerable.Range(0, 10).Select(i => $"line {i}"),
                "one", "two"],
            screen.Text);
        Assert.Equal(["line 7", "line 8", "line 9", "one", "two", ""], screen.Seen);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(7)]
    [InlineData(40)]
    public void A_terminal_that_changes_its_width_keeps_one_panel_below_the_same_text(int width)
    {
        lines = ["nineteen characters", "0123456789", "x"];
        (screen, height) = (new TerminalScreen(20, 10), 10);
        using var panel = Show();
        panel.WriteAbove("above");
        screen.Resize(width);
        clock.Advance(1);
        Assert.Equal(["above", .. lines.Select(line => line[..Math.Min(line.Length, width - 1)])], screen.Text);
        screen.Resize(20);
        clock.Advance(1);
        Assert.Equal(["above", .. lines], screen.Text);
    }

    [Fact]
    public void It_has_no_more_lines_than_the_terminal_has_rows_beside_the_cursors()
    {
        lines = [.. Enumerable.Range(0, 9).Select(i => $"{i}")];
        using var panel = Show();
        panel.WriteAbove("above");
        Assert.Equal(["0", "1", "2", "3", "4", ""], screen.Seen);
        Assert.Equal("above", screen.Text[0]);
    }

    [Fact]
    public void Changes_that_follow_each_other_closely_are_drawn_together_and_a_clock_goes_on_without_any()
    {
        var writes = new List<string>();
        using var panel = new LivePanel(new Recorder(writes.Add), () => new(20, 6, true), _ => lines, clock);
        for (var i = 0; i < 1000; i++)
        {
            panel.Update(() => { });
            clock.Advance(0.001);
        }

        // At once, ten times in the second that follows, and by its own clock.
        Assert.InRange(writes.Count, 10, 12);
        // Each is one write: no half of it is seen.
        Assert.All(writes, write => Assert.Matches("^\\e\\[\\?2026h.*\\e\\[\\?2026l$", write.ReplaceLineEndings("")));
        var before = writes.Count;
        clock.Advance(5);
        Assert.Equal(before + 5, writes.Count);
    }

    [Fact]
    public void A_terminal_that_is_closed_stops_nothing()
    {
        var isClosed = false;
        var terminal = new Recorder(_ =>
        {
            if (isClosed)
            {
                throw new IOException("Input/output error");
            }
        });
        using var panel = new LivePanel(terminal, () => new(20, 6, true), _ => lines, clock);
        isClosed = true;
        panel.WriteAbove("to nobody");
        clock.Advance(10);
        panel.Update(() => { });
    }

    LivePanel Show() => new(new Recorder(text => screen.Write(text)), () => new(screen.Width, height, true), _ => lines, clock);

    sealed class Recorder(Action<string> written) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(string? value) => written(value!);
    }
}
