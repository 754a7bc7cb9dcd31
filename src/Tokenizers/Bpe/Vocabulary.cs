using System.Buffers;
using System.Globalization;
using System.Text;

namespace OrtDpo.Tokenizers.Bpe;

/// <summary>The model's tokens and their ids.</summary>
sealed class Vocabulary
{
    /// <summary>Ids are below: sixteen times those of the largest vocabularies. A damaged id would take all memory.</summary>
    public const int IdBound = 1 << 22;

    readonly Dictionary<string, int> ids;
    readonly string?[] tokens;
    readonly Dictionary<Rune, int> idOfRune = [];
    readonly int[] idOfByte = new int[256];

    /// <exception cref="InvalidDataException">
    /// A token has a negative id, or one of <see cref="IdBound"/> or above, or two tokens have the same one.
    /// </exception>
    public Vocabulary(Dictionary<string, int> ids, string source)
    {
        this.ids = ids;
        foreach (var (token, id) in ids)
        {
            RequireBelowBound(token, id, source);
        }

        tokens = new string?[ids.Count == 0 ? 0 : ids.Values.Max() + 1];
        foreach (var (token, id) in ids)
        {
            if (id < 0 || tokens[id] is not null)
            {
                var fault = id < 0 ? "negative" : $"also that of '{tokens[id]}'";
                throw new InvalidDataException($"{source}: token '{token}' has id {id}, which is {fault}. "
                    + "Each token has an id of its own.");
            }

            tokens[id] = token;
            if (Rune.DecodeFromUtf16(token, out var rune, out var units) == OperationStatus.Done && units == token.Length)
            {
                idOfRune[rune] = id;
            }
        }

        for (var b = 0; b < idOfByte.Length; b++)
        {
            idOfByte[b] = ids.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"<0x{b:X2}>"), -1);
        }
    }

    /// <exception cref="InvalidDataException"><paramref name="id"/> is not below <see cref="IdBound"/>.</exception>
    public static void RequireBelowBound(string token, int id, string source)
    {
        if (id >= IdBound)
        {
            throw new InvalidDataException($"{source}: token '{token}' has id {id}; expected less than {IdBound}. Get the file again.");
        }
    }

    /// <summary>Number of tokens.</summary>
    public int Count => ids.Count;

    /// <summary>One more than the largest id.</summary>
    public int Size => tokens.Length;

    /// <summary>The id of <paramref name="token"/>, or −1.</summary>
    public int Id(string token) => ids.GetValueOrDefault(token, -1);

    /// <summary>The id of the token that is just <paramref name="rune"/>, or −1.</summary>
    public int IdOfRune(Rune rune) => idOfRune.GetValueOrDefault(rune, -1);

    /// <summary>The id of the byte-fallback token <c>&lt;0xNN&gt;</c>, or −1.</summary>
    public int IdOfByte(byte value) => idOfByte[value];

    /// <summary>The token of <paramref name="id"/>; null where no token has it.</summary>
    public string? Token(int id) => (uint)id < (uint)tokens.Length ? tokens[id] : null;
}
