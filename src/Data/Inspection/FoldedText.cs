namespace OrtDpo.Data.Inspection;

/// <summary>A text without what a reader hardly sees: case and the amount of white space.</summary>
static class FoldedText
{
    internal static string Of(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();
}
