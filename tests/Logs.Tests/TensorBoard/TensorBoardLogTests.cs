using OrtDpo.Logs.TensorBoard;
using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Logs.Tests.TensorBoard;

public sealed class TensorBoardLogTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly SteppedTime time = new(SteppedTime.Noon);
    readonly List<string> notes = [];

    string Events => Path.Combine(folder.Path, "tensorboard");

    [Fact]
    public void A_file_begins_with_its_version_the_start_and_the_configuration()
    {
        Log(LoggedRuns.Started(0), LoggedRuns.Evaluated(0, 0.7), LoggedRuns.Step(1, 0.69));
        var file = Assert.Single(Directory.GetFiles(Events));
        Assert.Matches(@"events\.out\.tfevents\.1772366400\.[A-Za-z0-9_-]*\.[0-9]+\.0$", file);
        var events = EventReader.Read(file);
        Assert.Equal(5, events.Count);
        Assert.Equal(("brain.Event:2", "ortdpo", 0), (events[0].FileVersion, events[0].Writer, events[0].Step));
        Assert.Equal((1, 0), (events[1].SessionStatus, events[1].Step));
        var text = Assert.Single(events[2].Texts);
        Assert.Equal("config/text_summary", text.Key);
        var configured = File.ReadAllText(Path.Combine(folder.Path, RunConfig.FileName));
        Assert.Equal(configured, text.Value.Replace("    ", "", StringComparison.Ordinal) + "\n");
        Assert.All(text.Value.Split('\n'), line => Assert.StartsWith("    ", line, StringComparison.Ordinal));
        Assert.All(events, found => Assert.Equal(1772366400.0, found.WallTime));
    }

    [Fact]
    public void Metrics_stand_under_the_tags_of_hugging_faces_callback()
    {
        Log(LoggedRuns.Started(0), LoggedRuns.Evaluated(0, 0.7), LoggedRuns.Step(1, 0.69));
        var shown = EventReader.Shown(Events);
        Assert.Equal(["eval/loss", "eval/rewards/accuracies", "train/loss", "train/rewards/margins"], shown.Keys.Order());
        Assert.Equal([(0, 0.7f)], shown["eval/loss"]);
        Assert.Equal([(1, 0.69f)], shown["train/loss"]);
        Assert.Equal([(1, 0.345f)], shown["train/rewards/margins"]);
    }

    [Fact]
    public void Findings_and_answers_are_texts_at_their_steps()
    {
        using var log = new TensorBoardLog(LoggedRuns.In(folder.Path), time, notes.Add);
        log.Tell(LoggedRuns.Started(0));
        log.Tell(LoggedRuns.Found(7));
        log.Tell(new TrainingEvent.Sampled(8, [new("Why?\nSay.", "So.", 2, IsEnded: true), new("*a*", "b", 1, IsEnded: false)]));
        var events = EventReader.Read(Assert.Single(Directory.GetFiles(Events)));
        Assert.Equal(
            (7, "**warning**: The loss is 0.6931 at every step.\n\nRaise `LearningRate`."),
            (events[3].Step, events[3].Texts["diagnosis/loss_stuck/text_summary"]));
        Assert.Equal(
            (8, "    Why?\n    Say.\n\nis answered with\n\n    So.\n\n    *a*\n\nis answered with\n\n    b"),
            (events[4].Step, events[4].Texts["samples/text_summary"]));
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_kept_as_they_are()
    {
        Log(LoggedRuns.Started(0), LoggedRuns.Step(1, double.NaN), LoggedRuns.Step(2, double.PositiveInfinity));
        Assert.Equal([(1, float.NaN), (2, float.PositiveInfinity)], EventReader.Shown(Events)["train/loss"]);
    }

    [Fact]
    public void A_resumed_run_takes_back_the_steps_that_it_makes_again()
    {
        Log(LoggedRuns.Started(0), LoggedRuns.Step(1, 1), LoggedRuns.Step(2, 2), LoggedRuns.Evaluated(2, 20), LoggedRuns.Step(3, 3));
        Log(LoggedRuns.Started(2), LoggedRuns.Step(3, 30), LoggedRuns.Step(4, 40));
        var shown = EventReader.Shown(Events);
        Assert.Equal([(1, 1f), (2, 2f), (3, 30f), (4, 40f)], shown["train/loss"]);
        Assert.Equal([(2, 20f)], shown["eval/loss"]);
    }

    [Fact]
    public void A_run_that_had_no_log_before_is_there_from_its_first_step()
    {
        LoggedRuns.WriteMetrics(folder.Path, LoggedRuns.Evaluated(0, 0.7), (double[])[1, 2, 3]);
        Log(LoggedRuns.Started(2), LoggedRuns.Step(3, 30));
        var shown = EventReader.Shown(Events);
        Assert.Equal([(1, 1f), (2, 2f), (3, 30f)], shown["train/loss"]);
        Assert.Equal([(0, 0.7f)], shown["eval/loss"]);
    }

    [Fact]
    public void A_run_that_begins_again_takes_back_everything()
    {
        Log(LoggedRuns.Started(0), LoggedRuns.Evaluated(0, 9), LoggedRuns.Step(1, 1));
        Log(LoggedRuns.Started(0), LoggedRuns.Evaluated(0, 8));
        var shown = EventReader.Shown(Events);
        Assert.Equal([(0, 8f)], shown["eval/loss"]);
        Assert.Empty(shown["train/loss"]);
    }

    [Fact]
    public void Files_are_read_in_the_order_in_which_they_were_written_though_the_clock_went_back()
    {
        Log(LoggedRuns.Started(0), LoggedRuns.Step(1, 1), LoggedRuns.Step(2, 2));
        time.Advance(TimeSpan.FromHours(-3));
        Log(LoggedRuns.Started(1), LoggedRuns.Step(2, 20));
        Log(LoggedRuns.Started(2), LoggedRuns.Step(3, 30));
        Assert.Equal(3, Directory.GetFiles(Events).Length);
        Assert.Equal([(1, 1f), (2, 20f), (3, 30f)], EventReader.Shown(Events)["train/loss"]);
    }

    [Fact]
    public void Every_event_is_in_the_file_when_it_was_told_and_a_file_cut_anywhere_reads_to_its_last_whole_record()
    {
        using var log = new TensorBoardLog(LoggedRuns.In(folder.Path), time, notes.Add);
        log.Tell(LoggedRuns.Started(0));
        log.Tell(LoggedRuns.Step(1, 1));
        var file = Assert.Single(Directory.GetFiles(Events));
        var first = File.ReadAllBytes(file).Length;
        Assert.Equal(4, EventReader.Read(file).Count);
        log.Tell(LoggedRuns.Step(2, 2));
        var whole = File.ReadAllBytes(file);
        for (var length = first; length < whole.Length; length++)
        {
            Assert.Equal(4, EventReader.Records(whole[..length]).Count());
        }

        Assert.Equal(5, EventReader.Records(whole).Count());
    }

    [Fact]
    public void Two_runs_of_the_same_numbers_differ_in_their_wall_times_alone()
    {
        TrainingEvent[] told = [LoggedRuns.Started(0), LoggedRuns.Step(1, 1), LoggedRuns.Evaluated(1, 2)];
        Log(told);
        time.Advance(TimeSpan.FromDays(1));
        Log(told);
        var runs = Directory.GetFiles(Events).Order(StringComparer.Ordinal)
            .Select(file => EventReader.Records(File.ReadAllBytes(file)).ToArray()).ToArray();
        Assert.Equal(runs[0].Length, runs[1].Length);
        foreach (var (one, other) in runs[0].Zip(runs[1]))
        {
            // The wall time is the first field: a byte of key and eight of the number.
            Assert.Equal(one[9..], other[9..]);
            Assert.Equal(86400, BitConverter.ToDouble(other, 1) - BitConverter.ToDouble(one, 1));
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_said_once_and_the_run_goes_on()
    {
        File.WriteAllText(Events, "no folder");
        Log(LoggedRuns.Started(0), LoggedRuns.Step(1, 1), LoggedRuns.Step(2, 2));
        var note = Assert.Single(notes);
        Assert.StartsWith($"tensorboard: {Events} misses events, since ", note, StringComparison.Ordinal);
        Assert.EndsWith("The run goes on, and metrics.jsonl has every number.", note, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    void Log(params TrainingEvent[] told)
    {
        using var log = new TensorBoardLog(LoggedRuns.In(folder.Path), time, notes.Add);
        foreach (var one in told)
        {
            log.Tell(one);
        }

        log.End(RunEnding.Finished);
    }
}
