using OrtDpo.Batches;

namespace OrtDpo.Training.Remote;

/// <summary>An engine in another process, at the other end of a pair of streams, where an <see cref="EngineServer"/> serves it.</summary>
public sealed class RemoteEngine : ITrainingEngine
{
    readonly MessageStream messages;
    readonly Func<string> lastWords;
    // Why the other end answers no more.
    string? gone;
    bool isDisposed;

    /// <summary>Has the other end open an engine.</summary>
    /// <param name="input">Where its answers come from.</param>
    /// <param name="output">Where messages go.</param>
    /// <param name="what">What it is to open, as the other end reads it.</param>
    /// <param name="lastWords">
    /// What is known of the other end when it is gone, as sentences: its exit code, what it wrote last; empty: nothing.
    /// </param>
    /// <exception cref="IOException">The other end is gone; or as the engine threw it.</exception>
    public RemoteEngine(Stream input, Stream output, string what, Func<string> lastWords)
    {
        messages = new MessageStream(input, output);
        this.lastWords = lastWords;
        var opened = Ask(
            MessageKind.Open,
            writer =>
            {
                writer.Write(EngineServer.Version);
                writer.Write(what);
            },
            MessageKind.Opened);
        VocabularySize = opened.ReadInt32();
        Layout = (BatchLayout)opened.ReadInt32();
        Tolerance = opened.ReadBoolean() ? LogpTolerance.BFloat16 : LogpTolerance.Float32;
    }

    public int VocabularySize { get; }

    public BatchLayout Layout { get; }

    public LogpTolerance Tolerance { get; }

    public float[] Score(PackedBatch batch) =>
        Ask(MessageKind.Score, writer => writer.WriteBatch(batch), MessageKind.Floats).ReadArray<float>();

    public TokenScores ScoreTokens(PackedBatch batch) =>
        Ask(MessageKind.ScoreTokens, writer => writer.WriteBatch(batch), MessageKind.Scores).ReadScores();

    public float[] Accumulate(PackedBatch batch, Func<float[], float[]> slopes)
    {
        var logps = Ask(MessageKind.Accumulate, writer => writer.WriteBatch(batch), MessageKind.Floats).ReadArray<float>();
        float[] found;
        try
        {
            found = slopes(logps);
        }
        catch
        {
            // The other end waits, and would take the next message for slopes.
            Ask(MessageKind.Abandon, null, MessageKind.Done);
            throw;
        }

        Ask(MessageKind.Floats, writer => writer.WriteArray<float>(found), MessageKind.Done);
        return logps;
    }

    public OptimizerResult Apply(OptimizerStep update) =>
        Ask(MessageKind.Apply, writer => writer.WriteUpdate(update), MessageKind.Updated).ReadResult();

    // The other process may have another working folder.
    public void WriteState(string folder) =>
        Ask(MessageKind.WriteState, writer => writer.Write(Path.GetFullPath(folder)), MessageKind.Done);

    public void ReadState(string folder) =>
        Ask(MessageKind.ReadState, writer => writer.Write(Path.GetFullPath(folder)), MessageKind.Done);

    /// <summary>Tells the other end that this was all.</summary>
    public void Dispose()
    {
        if (isDisposed || gone is not null)
        {
            return;
        }

        isDisposed = true;
        try
        {
            messages.Send(MessageKind.End);
        }
        catch (IOException)
        {
            // It is gone already, and nothing is asked of it any more.
        }
    }

    BinaryReader Ask(MessageKind kind, Action<BinaryWriter>? write, MessageKind expected)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (gone is not null)
        {
            throw new IOException(gone);
        }

        MessageStream.Message? answer;
        try
        {
            messages.Send(kind, write);
            answer = messages.Receive();
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw Gone(kind, e);
        }

        return answer switch
        {
            null => throw Gone(kind, cause: null),
            { Kind: MessageKind.Failed } failed => throw EngineFailure.Read(failed.Body),
            { } other when other.Kind == expected => other.Body,
            { } other => throw new InvalidOperationException($"The engine answered {kind} with {other.Kind}; expected {expected}."),
        };
    }

    IOException Gone(MessageKind kind, Exception? cause)
    {
        var why = cause is InvalidDataException ? $" {cause.Message}" : "";
        gone = $"The engine's process ended while it was to {Words(kind)}.{why} {lastWords()}".TrimEnd();
        return new IOException(gone, cause);
    }

    static string Words(MessageKind kind) => kind switch
    {
        MessageKind.Open => "begin",
        MessageKind.Score or MessageKind.ScoreTokens => "score a batch",
        MessageKind.Apply => "update the weights",
        MessageKind.WriteState => "write its state",
        MessageKind.ReadState => "read its state",
        _ => "differentiate a batch",
    };
}
