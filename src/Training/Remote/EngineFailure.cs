namespace OrtDpo.Training.Remote;

/// <summary>
/// The exceptions that go from an engine's process to the loop's, each as what it is: these are what a caller catches and prints. Any other
/// is a fault of the program, and ends the engine's process with its stack trace.
/// </summary>
static class EngineFailure
{
    // The most derived first.
    static readonly (Type Type, Func<string, Exception> Make)[] Kinds =
    [
        (typeof(FileNotFoundException), text => new FileNotFoundException(text)),
        (typeof(DirectoryNotFoundException), text => new DirectoryNotFoundException(text)),
        (typeof(IOException), text => new IOException(text)),
        (typeof(InvalidDataException), text => new InvalidDataException(text)),
        (typeof(UnauthorizedAccessException), text => new UnauthorizedAccessException(text)),
        (typeof(NotSupportedException), text => new NotSupportedException(text)),
        (typeof(InsufficientMemoryException), text => new InsufficientMemoryException(text)),
        (typeof(ArgumentException), text => new ArgumentException(text)),
        (typeof(InvalidOperationException), text => new InvalidOperationException(text)),
    ];

    /// <summary>Whether it is told.</summary>
    public static bool IsTold(Exception exception) => KindOf(exception) >= 0;

    /// <summary>Writes an exception that <see cref="IsTold"/>.</summary>
    public static void Write(BinaryWriter writer, Exception exception)
    {
        writer.Write(KindOf(exception));
        // By which a full disk is known.
        writer.Write((exception.InnerException is IOException inner ? inner : exception).HResult);
        writer.Write(exception.Message);
    }

    /// <summary>Reads it.</summary>
    public static Exception Read(BinaryReader reader)
    {
        var (kind, result, text) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadString());
        var exception = Kinds[kind].Make(text);
        exception.HResult = result;
        return exception;
    }

    static int KindOf(Exception exception) => Array.FindIndex(Kinds, kind => kind.Type.IsInstanceOfType(exception));
}
