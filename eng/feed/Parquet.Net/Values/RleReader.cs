namespace Parquet.Values;

/// <summary>Reads the hybrid of runs and bit-packed groups that levels, dictionary indices and booleans use.</summary>
static class RleReader
{
    /// <summary>Fills <paramref name="destination"/>; bytes after its last value are left alone.</summary>
    /// <exception cref="InvalidDataException">The bytes end before the values do.</exception>
    public static void Read(ReadOnlySpan<byte> data, int bitWidth, Span<int> destination)
    {
        var position = 0;
        while (!destination.IsEmpty)
        {
            var header = Header(data, ref position);
            var isPacked = (header & 1) == 1;
            // A group has eight values; what does not fit the destination is padding.
            var count = (int)Math.Min(isPacked ? (header >> 1) * 8 : header >> 1, (ulong)destination.Length);
            if (isPacked)
            {
                Unpack(data[position..], bitWidth, destination[..count]);
                position = (int)Math.Min((ulong)data.Length, (ulong)position + ((header >> 1) * (ulong)bitWidth));
            }
            else
            {
                destination[..count].Fill(RunValue(data, bitWidth, ref position));
            }

            destination = destination[count..];
        }
    }

    static void Unpack(ReadOnlySpan<byte> data, int bitWidth, Span<int> destination)
    {
        if ((ulong)destination.Length * (ulong)bitWidth > (ulong)data.Length * 8)
        {
            throw Ended(data.Length);
        }

        var mask = bitWidth == 32 ? uint.MaxValue : (1u << bitWidth) - 1;
        ulong window = 0;
        var bits = 0;
        var position = 0;
        for (var i = 0; i < destination.Length; i++)
        {
            while (bits < bitWidth)
            {
                window |= (ulong)data[position++] << bits;
                bits += 8;
            }

            destination[i] = (int)(window & mask);
            window >>= bitWidth;
            bits -= bitWidth;
        }
    }

    static int RunValue(ReadOnlySpan<byte> data, int bitWidth, ref int position)
    {
        var bytes = (bitWidth + 7) / 8;
        if (bytes > data.Length - position)
        {
            throw Ended(data.Length);
        }

        var value = 0;
        for (var i = 0; i < bytes; i++)
        {
            value |= data[position++] << (8 * i);
        }

        return value;
    }

    static ulong Header(ReadOnlySpan<byte> data, ref int position)
    {
        var header = 0UL;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (position == data.Length)
            {
                throw Ended(data.Length);
            }

            var next = data[position++];
            header |= (ulong)(next & 127) << shift;
            if (next < 128)
            {
                return header;
            }
        }

        throw new InvalidDataException($"The run before byte {position} of a page has a length of more than 32 bits.");
    }

    static InvalidDataException Ended(int length) => new($"A page's {length} bytes of runs end before its values do.");
}
