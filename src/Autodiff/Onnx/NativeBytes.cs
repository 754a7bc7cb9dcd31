namespace OrtDpo.Autodiff.Onnx;

/// <summary>Native memory to a stream, in pieces that a span can hold.</summary>
static class NativeBytes
{
    const int Piece = 1 << 26;

    public static unsafe void Write(Stream stream, nint data, long count)
    {
        for (long at = 0; at < count; at += Piece)
        {
            stream.Write(new ReadOnlySpan<byte>((byte*)data + at, (int)Math.Min(Piece, count - at)));
        }
    }
}
