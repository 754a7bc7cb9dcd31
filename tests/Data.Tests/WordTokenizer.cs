namespace OrtDpo.Data.Tests;

/// <summary>
/// A tokenizer small enough to follow by hand: every character is a token of its code, except that "ab" is one token, so that a prompt that
/// ends in "a" merges with a completion that begins with "b".
/// </summary>
static class WordTokenizer
{
    public const int Bos = 1;
    public const int Eos = 2;
    public const int Ab = 3;

    public static int[] Continue(string text)
    {
        var ids = new List<int>();
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && text[i] == 'a' && text[i + 1] == 'b')
            {
                ids.Add(Ab);
                i++;
            }
            else
            {
                ids.Add(text[i]);
            }
        }

        return [.. ids];
    }

    public static int[] EncodeWithBos(string text) => [Bos, .. Continue(text)];

    public static string Decode(IEnumerable<int> ids) =>
        string.Concat(ids.Where(id => id > Eos).Select(id => id == Ab ? "ab" : ((char)id).ToString()));
}
