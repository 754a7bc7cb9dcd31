namespace OrtDpo.Data;

/// <summary>A stream that gives a file's bytes and then <paramref name="tail"/>; forwards only. The file stays open.</summary>
sealed class FileWithTail(FileStream file, byte[] tail) : Stream
{
    int tailGiven;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var count = file.Read(buffer);
        if (count > 0)
        {
            return count;
        }

        count = Math.Min(buffer.Length, tail.Length - tailGiven);
        tail.AsSpan(tailGiven, count).CopyTo(buffer);
        tailGiven += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
