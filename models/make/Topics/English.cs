namespace OrtDpo.DemoModel.Topics;

/// <summary>The little grammar that the templates need.</summary>
public static class English
{
    static readonly string[] Small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
        "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    static readonly string[] Tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    /// <summary>The noun with its indefinite article.</summary>
    public static string A(string noun) =>
        (noun[0] is 'a' or 'e' or 'i' or 'o' or 'u' && !noun.StartsWith("uni", StringComparison.Ordinal) ? "an " : "a ") + noun;

    /// <summary>The text with its first letter in upper case.</summary>
    public static string Start(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>A number from 0 to 99 in words.</summary>
    public static string Number(int n) =>
        n < 20 ? Small[n] : n % 10 == 0 ? Tens[n / 10] : $"{Tens[n / 10]}-{Small[n % 10]}";
}
