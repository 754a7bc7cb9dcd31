using System.Text;

namespace OrtDpo.Cli.CommandLine;

/// <summary>
/// Text that nothing depends on: what cannot be written, as to a terminal that was closed or a log on a disk that is full, is lost, and
/// what comes later is tried again.
/// </summary>
sealed class ForgivingWriter(TextWriter writer) : TextWriter
{
    public override Encoding Encoding => writer.Encoding;

    /// <summary>
    /// Lets the console forgive where it is a terminal: one that closes is told to the program by a signal, and what is said after that
    /// must not end what the signal lets it finish.
    /// </summary>
    public static void OnTerminal()
    {
        if (!Console.IsOutputRedirected)
        {
            Console.SetOut(new ForgivingWriter(Console.Out));
        }
    }

    public override void Write(char value) => Try(() => writer.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => writer.Write(buffer, index, count));

    // In one call, so that no other line comes between.
    public override void Write(string? value) => Try(() => writer.Write(value));

    public override void WriteLine(string? value) => Try(() => writer.WriteLine(value));

    public override void Flush() => Try(writer.Flush);

    static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
        }
    }
}
