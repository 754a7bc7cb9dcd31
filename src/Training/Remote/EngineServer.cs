using OrtDpo.Batches;

namespace OrtDpo.Training.Remote;

/// <summary>Serves an engine to a <see cref="RemoteEngine"/> at the other end of a pair of streams.</summary>
public sealed class EngineServer
{
    /// <summary>What both ends must be of.</summary>
    internal const int Version = 1;

    readonly MessageStream messages;
    readonly ITrainingEngine engine;

    EngineServer(MessageStream messages, ITrainingEngine engine)
    {
        this.messages = messages;
        this.engine = engine;
    }

    /// <summary>Opens what the other end asks for, and does what it says until it ends or is gone.</summary>
    /// <param name="input">Where its messages come from.</param>
    /// <param name="output">Where answers go.</param>
    /// <param name="open">From what it says is to be opened to the engine, which is disposed at the end.</param>
    /// <returns>False where there was nothing to serve: the first message did not come, or nothing could be opened.</returns>
    public static bool Serve(Stream input, Stream output, Func<string, ITrainingEngine> open)
    {
        var messages = new MessageStream(input, output);
        if (messages.Receive() is not { Kind: MessageKind.Open } first)
        {
            return false;
        }

        ITrainingEngine? engine = null;
        try
        {
            RequireVersion(first.Body.ReadInt32());
            engine = open(first.Body.ReadString());
        }
        catch (Exception e) when (EngineFailure.IsTold(e))
        {
            messages.Send(MessageKind.Failed, writer => EngineFailure.Write(writer, e));
            return false;
        }

        using (engine)
        {
            messages.Send(MessageKind.Opened, writer =>
            {
                writer.Write(engine.VocabularySize);
                writer.Write((int)engine.Layout);
                writer.Write(engine.Tolerance == LogpTolerance.BFloat16);
            });
            new EngineServer(messages, engine).Run();
        }

        return true;
    }

    static void RequireVersion(int found)
    {
        if (found != Version)
        {
            throw new InvalidOperationException($"The loop speaks version {found} of the engine's protocol, and the engine's program "
                + $"version {Version}. Both come from one build: build the program anew.");
        }
    }

    void Run()
    {
        while (messages.Receive() is { Kind: not MessageKind.End } message)
        {
            try
            {
                Do(message);
            }
            catch (AbandonedException)
            {
                messages.Send(MessageKind.Done);
            }
            catch (Exception e) when (EngineFailure.IsTold(e))
            {
                messages.Send(MessageKind.Failed, writer => EngineFailure.Write(writer, e));
            }
        }
    }

    void Do(MessageStream.Message message)
    {
        var body = message.Body;
        switch (message.Kind)
        {
            case MessageKind.Score:
                Answer(MessageKind.Floats, engine.Score(body.ReadBatch()), (writer, logps) => writer.WriteArray<float>(logps));
                break;
            case MessageKind.ScoreTokens:
                Answer(MessageKind.Scores, engine.ScoreTokens(body.ReadBatch()), MessageParts.WriteScores);
                break;
            case MessageKind.Accumulate:
                engine.Accumulate(body.ReadBatch(), Slopes);
                messages.Send(MessageKind.Done);
                break;
            case MessageKind.Apply:
                Answer(MessageKind.Updated, engine.Apply(body.ReadUpdate()), MessageParts.WriteResult);
                break;
            case MessageKind.WriteState:
                engine.WriteState(body.ReadString());
                messages.Send(MessageKind.Done);
                break;
            case MessageKind.ReadState:
                engine.ReadState(body.ReadString());
                messages.Send(MessageKind.Done);
                break;
            default:
                throw new InvalidOperationException($"The engine was told '{message.Kind}', which is nothing that it does.");
        }
    }

    // The loop has the loss: it gets the log-probabilities, and says how the loss changes with each.
    float[] Slopes(float[] logps)
    {
        messages.Send(MessageKind.Floats, writer => writer.WriteArray<float>(logps));
        return messages.Receive() switch
        {
            { Kind: MessageKind.Floats } answer => answer.Body.ReadArray<float>(),
            { Kind: MessageKind.Abandon } => throw new AbandonedException(),
            var other => throw new IOException($"The loop sent {other?.Kind.ToString() ?? "no more"} in the place of slopes."),
        };
    }

    void Answer<T>(MessageKind kind, T value, Action<BinaryWriter, T> write) => messages.Send(kind, writer => write(writer, value));

    // Through the engine, which knows of no such end, back to the loop of messages.
    sealed class AbandonedException() : Exception("The loop gave the batch up.");
}
