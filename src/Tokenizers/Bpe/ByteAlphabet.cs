using System.Text;

namespace OrtDpo.Tokenizers.Bpe;

/// <summary>GPT-2's printable character for each byte: printable Latin-1 stands for itself, the rest for U+0100 and up, in order.</summary>
static class ByteAlphabet
{
    static readonly char[] CharacterOfByte = new char[256];
    static readonly short[] ByteOfCharacter = new short[0x200];

    static ByteAlphabet()
    {
        Array.Fill(ByteOfCharacter, (short)-1);
        var next = 0x100;
        for (var b = 0; b < 256; b++)
        {
            var printable = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            CharacterOfByte[b] = (char)(printable ? b : next++);
            ByteOfCharacter[CharacterOfByte[b]] = (short)b;
        }
    }

    /// <summary>The character of <paramref name="value"/>.</summary>
    public static char Character(byte value) => CharacterOfByte[value];

    /// <summary>The UTF-8 bytes of <paramref name="text"/>, each as its character.</summary>
    public static string Spell(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return string.Create(bytes.Length, bytes, static (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = CharacterOfByte[source[i]];
            }
        });
    }

    /// <summary>Adds the bytes that <paramref name="token"/> spells; a token with any other character adds its own UTF-8 form.</summary>
    public static void Unspell(string token, List<byte> bytes)
    {
        var start = bytes.Count;
        foreach (var c in token)
        {
            if (c >= ByteOfCharacter.Length || ByteOfCharacter[c] < 0)
            {
                bytes.RemoveRange(start, bytes.Count - start);
                bytes.AddRange(Encoding.UTF8.GetBytes(token));
                return;
            }

            bytes.Add((byte)ByteOfCharacter[c]);
        }
    }
}
