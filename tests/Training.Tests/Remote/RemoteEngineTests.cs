using System.Text;
using OrtDpo.Batches;
using OrtDpo.Runs;
using OrtDpo.Training.Remote;

namespace OrtDpo.Training.Tests.Remote;

public class RemoteEngineTests
{
    static readonly PackedBatch Batch = ExamplePacking.Pack([Example.Pair([1, 2], [3, 4, 1], [2]), Example.Pair([4], [1], [3, 3])]);

    [Fact]
    public void A_run_over_pipes_is_the_run_itself_to_the_last_bit()
    {
        using var near = new TemporaryFolder();
        using var far = new TemporaryFolder();
        var expected = Run(new BigramEngine(TrainingRows.Vocabulary), near.Path, steps: 6);
        using (var served = ServedEngine.Of(new BigramEngine(TrainingRows.Vocabulary)))
        {
            Run(served.Engine, far.Path, steps: 6, stopAfter: 4);
        }

        // By another engine, from what the first wrote.
        using (var served = ServedEngine.Of(new BigramEngine(TrainingRows.Vocabulary)))
        {
            var state = Run(served.Engine, far.Path, steps: 6);
            Assert.Equal(expected.Files, state.Files);
        }
    }

    [Fact]
    public void It_says_what_the_engine_is_like_and_what_it_was_told_to_open()
    {
        string? told = null;
        using var served = new ServedEngine(
            (input, output) => EngineServer.Serve(input, output, what =>
            {
                told = what;
                return new BigramEngine(7) { Tolerance = LogpTolerance.BFloat16 };
            }),
            "models/größe");
        Assert.Equal("models/größe", told);
        Assert.Equal(7, served.Engine.VocabularySize);
        Assert.Equal(BatchLayout.Packed, served.Engine.Layout);
        Assert.Same(LogpTolerance.BFloat16, served.Engine.Tolerance);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Scores_arrive_as_they_are(bool tellsLikeliest)
    {
        using var engine = new BigramEngine(5) { TellsLikeliest = tellsLikeliest };
        using var served = ServedEngine.Of(engine);
        var scores = served.Engine.ScoreTokens(Batch);
        Assert.Equal(engine.Score(Batch), scores.Logps);
        Assert.Equal(engine.ScoreTokens(Batch).AreLikeliest, scores.AreLikeliest);
        Assert.Equal(engine.Score(Batch), served.Engine.Score(Batch));
    }

    [Fact]
    public void All_numbers_of_an_update_arrive()
    {
        var engine = new BigramEngine(5);
        using var served = ServedEngine.Of(engine);
        var update = new OptimizerStep(3, 1e-3f, 0.5f, 0.01f, 0.8f, 0.99f, 1e-7f, DecaysVectors: true);
        served.Engine.Accumulate(Batch, logps => [.. logps.Select(_ => 1f)]);
        var result = served.Engine.Apply(update);
        Assert.True(result.Applied);
        Assert.True(result.GradNorm > 0);
        Assert.Equal([update], engine.Updates);
    }

    [Theory]
    [InlineData(typeof(InvalidDataException))]
    [InlineData(typeof(NotSupportedException))]
    [InlineData(typeof(FileNotFoundException))]
    [InlineData(typeof(UnauthorizedAccessException))]
    [InlineData(typeof(InsufficientMemoryException))]
    public void What_the_engine_throws_is_thrown_here_and_it_goes_on(Type type)
    {
        var fails = true;
        using var served = ServedEngine.Of(new BigramEngine(5)
        {
            BeforeCall = _ =>
            {
                if (fails)
                {
                    fails = false;
                    throw (Exception)Activator.CreateInstance(type, "Out of luck.")!;
                }
            },
        });
        var failure = Assert.Throws(type, () => served.Engine.Score(Batch));
        Assert.Equal("Out of luck.", failure.Message);
        Assert.NotEmpty(served.Engine.Score(Batch));
    }

    [Fact]
    public void A_full_disk_there_is_a_full_disk_here()
    {
        const int NoSpace = 28;
        using var served = ServedEngine.Of(new BigramEngine(5)
        {
            BeforeCall = _ => throw new IOException("The disk is full: model.safetensors.", new IOException("No space left.", NoSpace)),
        });
        var failure = Assert.Throws<IOException>(() => served.Engine.WriteState("there"));
        Assert.True(AtomicFile.IsDiskFull(failure));
        Assert.Equal("The disk is full: model.safetensors.", failure.Message);
    }

    [Fact]
    public void What_cannot_be_opened_is_thrown_by_the_constructor() =>
        Assert.Equal("No such model.", Assert.Throws<FileNotFoundException>(() => new ServedEngine((input, output) =>
            Assert.False(EngineServer.Serve(input, output, _ => throw new FileNotFoundException("No such model."))))).Message);

    [Fact]
    public void A_loss_that_fails_ends_the_batch_and_not_the_engine()
    {
        using var served = ServedEngine.Of(new BigramEngine(5));
        Assert.Equal("No loss.", Assert.Throws<InvalidDataException>(
            () => served.Engine.Accumulate(Batch, _ => throw new InvalidDataException("No loss."))).Message);
        Assert.Equal(0, served.Engine.Apply(new OptimizerStep(1, 0, 0, 0)).GradNorm);
        Assert.NotEmpty(served.Engine.Accumulate(Batch, logps => logps));
    }

    [Fact]
    public void An_engine_that_dies_in_the_middle_is_an_error_with_its_last_words_ever_after()
    {
        // It answers the first message, and ends in the middle of its second answer.
        using var served = new ServedEngine((input, output) => EngineServer.Serve(
            input, new BreakingStream(output, whole: 1), _ => new BigramEngine(5)));
        foreach (var call in (Action[])[() => served.Engine.Score(Batch), () => served.Engine.Apply(new OptimizerStep(1, 0, 0, 0))])
        {
            Assert.Equal(
                "The engine's process ended while it was to score a batch. It wrote: 'out of paper'.",
                Assert.Throws<IOException>(call).Message);
        }
    }

    [Fact]
    public void A_process_that_prints_where_messages_go_is_quoted()
    {
        using var served = new ServedEngine((input, output) => EngineServer.Serve(
            input, new BreakingStream(output, whole: 1) { Instead = "Segmentation fault\n" }, _ => new BigramEngine(5)));
        Assert.Contains(
            "Found 'Segmentat' where a message", Assert.Throws<IOException>(() => served.Engine.Score(Batch)).Message,
            StringComparison.Ordinal);
    }

    static TrainerState Run(ITrainingEngine engine, string folder, int steps, int? stopAfter = null)
    {
        var rows = TrainingRows.Pairs(18);
        var options = RunTrial.Options with { MaxSteps = steps };
        using var stop = new CancellationTokenSource();
        var loop = new TrainingLoop(
            engine, FormulaLoss.Sigmoid(), new TrainingPlan(options, rows, TrainingRows.Pairs(5, "eval.jsonl")), folder, new TickingTime())
        {
            Stop = stop.Token,
            Report = told =>
            {
                if (told is TrainingEvent.StepDone { Step: var step } && step == stopAfter)
                {
                    stop.Cancel();
                }
            },
        };
        if (stopAfter is null)
        {
            return loop.Run();
        }

        Assert.Throws<OperationCanceledException>(loop.Run);
        return new Checkpoints(folder).ReadNewest()!;
    }

    /// <summary>Takes some writes as they are, then half of one, or something else, and ends.</summary>
    sealed class BreakingStream(Stream target, int whole) : Stream
    {
        int count;

        public string? Instead { get; init; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (count++ < whole)
            {
                target.Write(buffer);
                return;
            }

            target.Write(Instead is null ? buffer[..(buffer.Length / 2)] : Encoding.ASCII.GetBytes(Instead));
            target.Dispose();
        }

        public override void Flush()
        {
            if (count <= whole)
            {
                target.Flush();
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
