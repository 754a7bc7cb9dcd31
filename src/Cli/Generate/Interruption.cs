namespace OrtDpo.Cli.Generate;

/// <summary>While it is held, Ctrl+C does not end the program but what runs with its token.</summary>
sealed class Interruption : IDisposable
{
    readonly CancellationTokenSource source = new();

    public Interruption() => Console.CancelKeyPress += Cancel;

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        Console.CancelKeyPress -= Cancel;
        source.Dispose();
    }

    void Cancel(object? sender, ConsoleCancelEventArgs pressed)
    {
        pressed.Cancel = true;
        source.Cancel();
    }
}
