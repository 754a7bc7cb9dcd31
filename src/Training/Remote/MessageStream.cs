using System.Buffers.Binary;
using System.Text;

namespace OrtDpo.Training.Remote;

/// <summary>
/// Messages over a pair of streams: four bytes that say that it is one, its kind, the length of what follows, and that. Both ends are the
/// same program on the same machine, so numbers lie as the machine has them.
/// </summary>
/// <param name="input">Where messages come from.</param>
/// <param name="output">Where they go.</param>
sealed class MessageStream(Stream input, Stream output)
{
    const int HeaderBytes = 9;

    static ReadOnlySpan<byte> Mark => "ODPO"u8;

    /// <summary>Sends a message.</summary>
    /// <param name="kind">What it says.</param>
    /// <param name="write">Writes what belongs to it; null: nothing does.</param>
    public void Send(MessageKind kind, Action<BinaryWriter>? write = null)
    {
        using var message = new MemoryStream();
        message.SetLength(HeaderBytes);
        message.Position = HeaderBytes;
        using (var writer = new BinaryWriter(message, Encoding.UTF8, leaveOpen: true))
        {
            write?.Invoke(writer);
        }

        var bytes = message.GetBuffer().AsSpan(0, (int)message.Length);
        Mark.CopyTo(bytes);
        bytes[4] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[5..], bytes.Length - HeaderBytes);
        output.Write(bytes);
        output.Flush();
    }

    /// <summary>Waits for a message; null where the other end has closed the stream between two of them.</summary>
    /// <exception cref="EndOfStreamException">The stream ended within one.</exception>
    /// <exception cref="InvalidDataException">What came is no message.</exception>
    public Message? Receive()
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        var count = input.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false);
        if (count == 0)
        {
            return null;
        }

        var mark = header[..Math.Min(count, Mark.Length)];
        if (!Mark.StartsWith(mark))
        {
            throw new InvalidDataException($"Found '{Encoding.Latin1.GetString(header[..count]).TrimEnd()}' where a message of the engine "
                + "begins. Something in its process writes to its standard output, which messages alone go over.");
        }

        if (count < HeaderBytes)
        {
            throw new EndOfStreamException();
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(header[5..]);
        var body = new byte[length];
        input.ReadExactly(body);
        return new Message((MessageKind)header[4], new BinaryReader(new MemoryStream(body), Encoding.UTF8));
    }

    /// <summary>A message that came.</summary>
    /// <param name="Kind">What it says.</param>
    /// <param name="Body">What belongs to it.</param>
    public readonly record struct Message(MessageKind Kind, BinaryReader Body);
}
