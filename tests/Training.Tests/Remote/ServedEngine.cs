using System.IO.Pipes;
using OrtDpo.Training.Remote;

namespace OrtDpo.Training.Tests.Remote;

/// <summary>An engine that a thread serves over pipes, as a process does.</summary>
sealed class ServedEngine : IDisposable
{
    readonly AnonymousPipeServerStream toServer = new(PipeDirection.Out);
    readonly AnonymousPipeServerStream toClient = new(PipeDirection.Out);
    readonly AnonymousPipeClientStream answers;
    readonly Thread server;

    /// <param name="serve">What the other end does with its input and output; closes them by ending.</param>
    /// <param name="what">What it is told to open.</param>
    public ServedEngine(Action<Stream, Stream> serve, string what = "the model")
    {
        answers = new AnonymousPipeClientStream(PipeDirection.In, toClient.ClientSafePipeHandle);
        server = new Thread(() =>
        {
            using var input = new AnonymousPipeClientStream(PipeDirection.In, toServer.ClientSafePipeHandle);
            serve(input, toClient);
            toClient.Dispose();
        });
        server.Start();
        try
        {
            Engine = new RemoteEngine(answers, toServer, what, () => "It wrote: 'out of paper'.");
        }
        catch
        {
            Close();
            throw;
        }
    }

    public static ServedEngine Of(ITrainingEngine engine) => new((input, output) => EngineServer.Serve(input, output, _ => engine));

    public RemoteEngine Engine { get; }

    public void Dispose()
    {
        Engine.Dispose();
        Close();
    }

    void Close()
    {
        toServer.Dispose();
        server.Join();
        answers.Dispose();
        toClient.Dispose();
    }
}
