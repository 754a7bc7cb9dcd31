namespace OrtDpo.Data;

/// <summary>What Apache.Arrow throws, in one sentence.</summary>
static class ArrowFault
{
    /// <summary>Reads what may be damaged.</summary>
    /// <exception cref="InvalidDataException">It is.</exception>
    internal static T Whole<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        // Of damaged files the packages throw any of these (measured on damaged files of both forms); one of them is a bare
        // Exception.
        catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or InvalidOperationException
            or IndexOutOfRangeException or NullReferenceException or ArithmeticException or InvalidCastException or OutOfMemoryException
            or NotImplementedException or ZstdSharp.ZstdException or KeyNotFoundException || e.GetType() == typeof(Exception))
        {
            throw new InvalidDataException($"{path} is no whole Arrow file ({e.Message.TrimEnd('.')}). Get the file again.", e);
        }
    }
}
