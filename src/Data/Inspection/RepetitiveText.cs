namespace OrtDpo.Data.Inspection;

/// <summary>A text of many words, of which few are different ones: it goes round in circles.</summary>
static class RepetitiveText
{
    const int LeastWords = 30;
    const double LeastDistinctWords = 0.2;

    internal static bool Is(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= LeastWords && words.Distinct().Count() < LeastDistinctWords * words.Length;
    }
}
