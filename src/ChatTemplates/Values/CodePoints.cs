namespace OrtDpo.ChatTemplates.Values;

/// <summary>Text by code points, as Python counts it; .NET counts letters beyond the basic plane twice.</summary>
static class CodePoints
{
    public static int Count(string text) => IsBasic(text) ? text.Length : text.EnumerateRunes().Count();

    public static IEnumerable<object?> Of(string text) => text.EnumerateRunes().Select(r => (object?)r.ToString());

    /// <summary>The one at <paramref name="index"/>, from 0.</summary>
    public static string At(string text, int index) =>
        IsBasic(text) ? text[index].ToString() : text.EnumerateRunes().ElementAt(index).ToString();

    /// <summary>Those at <paramref name="indices"/>, joined.</summary>
    public static string At(string text, IEnumerable<int> indices)
    {
        if (IsBasic(text))
        {
            return string.Concat(indices.Select(i => text[i]));
        }

        var runes = text.EnumerateRunes().ToArray();
        return string.Concat(indices.Select(i => runes[i].ToString()));
    }

    public static string Reverse(string text) => At(text, Enumerable.Range(0, Count(text)).Reverse());

    /// <summary>By code point, where ordinal comparison of UTF-16 would put surrogates before U+E000.</summary>
    public static int Compare(string a, string b)
    {
        using var left = a.EnumerateRunes().GetEnumerator();
        using var right = b.EnumerateRunes().GetEnumerator();
        while (left.MoveNext())
        {
            if (!right.MoveNext())
            {
                return 1;
            }

            var order = left.Current.CompareTo(right.Current);
            if (order != 0)
            {
                return order;
            }
        }

        return right.MoveNext() ? -1 : 0;
    }

    static bool IsBasic(string text) => !text.AsSpan().ContainsAnyInRange('\ud800', '\udfff');
}
