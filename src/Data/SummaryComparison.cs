using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>OpenAI's comparisons of summaries: a post or an article, two summaries, and which was chosen.</summary>
static class SummaryComparison
{
    internal static void Write(Utf8JsonWriter writer, JsonRow row)
    {
        var info = row.Part("info", JsonValueKind.Object);
        var summaries = row.Part("summaries", JsonValueKind.Array);
        var choice = row.Value.GetProperty("choice");
        var count = summaries.GetArrayLength();
        if (count != 2 || choice.ValueKind != JsonValueKind.Number || !choice.TryGetInt32(out var chosen) || chosen is not (0 or 1))
        {
            throw new InvalidDataException(
                $"{row.Where}: there are {count} summaries and 'choice' is {choice.GetRawText()}; expected two, and 0 or 1.");
        }

        writer.WriteString("prompt", Prompt(row with { Value = info }));
        writer.WriteString("chosen", Summary(row with { Value = summaries[chosen] }));
        writer.WriteString("rejected", Summary(row with { Value = summaries[1 - chosen] }));
    }

    // As the study behind the data wrote its queries (arXiv:2009.01325).
    static string Prompt(JsonRow info) => info.Value.TryGetProperty("post", out var post) && post.ValueKind == JsonValueKind.String
        ? $"SUBREDDIT: r/{info.TextOf("subreddit")}\n\nTITLE: {info.TextOf("title")}\n\nPOST: {info.TextOf("post")}\n\nTL;DR:"
        : $"Article: {info.TextOf("article")}\n\nTL;DR:";

    static string Summary(JsonRow summary) => ' ' + summary.TextOf("text").TrimStart();
}
