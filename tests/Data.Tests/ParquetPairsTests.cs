using OrtDpo.ChatTemplates.Tests;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Tests;

/// <summary>Published forms of preference data, as other programs write them to Parquet (tests/golden/parquet).</summary>
public sealed class ParquetPairsTests
{
    const string Template = """
        {% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}<|{{ m.role }}|>
        {% if m.content %}{{ m.content }}{% endif %}{% if m.tool_calls is defined %}{{ m.tool_calls | tojson }}{% endif %}<eos>
        {% endfor %}{% if add_generation_prompt %}<|assistant|>
        {% endif %}
        """;

    [Theory]
    [InlineData("ultrafeedback-duckdb", "ultrafeedback", 60)]
    [InlineData("ultrafeedback-arrow", "ultrafeedback", 60)]
    [InlineData("tools", "tools", 6)]
    [InlineData("human-preferences", "human-preferences", 12)]
    [InlineData("summaries", "summaries", 12)]
    public void The_pairs_are_those_of_the_same_rows_in_json_lines(string parquet, string lines, int count)
    {
        var pairs = Pairs(parquet + ".parquet");

        Assert.Equal(count, pairs.Count);
        Assert.Equal(Pairs(lines + ".jsonl").Select(pair => pair.Facts), pairs.Select(pair => pair.Facts));
    }

    [Fact]
    public void Conversations_of_ultrafeedback_are_written_by_the_template()
    {
        var pairs = Pairs("ultrafeedback-arrow.parquet");

        Assert.Equal("<|user|>\nQuestion 1: “é日😀”?\n<eos>\n<|assistant|>\n", pairs[1].Prompt);
        Assert.Equal(("Answer 1<eos>", "No<eos>"), (pairs[1].Chosen, pairs[1].Rejected));
        Assert.EndsWith("<|assistant|>\nWhich 3?<eos>\n<|user|>\nThat.<eos>\n<|assistant|>\n", pairs[3].Prompt, StringComparison.Ordinal);
        Assert.Equal(
            [1L, 8, 15, 22, 29, 36, 43, 50, 57], pairs.Where(p => p.Unusable == DropReason.EmptyRejected).Select(p => p.SourceRow));
    }

    [Fact]
    public void What_a_function_or_a_message_does_not_have_is_not_told_to_the_template()
    {
        var pair = Pairs("tools.parquet")[1];

        Assert.StartsWith(
            """[{"type": "function", "function": {"name": "weather", "description": "Says the weather.", "parameters": """
            + """{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}, """
            + """{"type": "function", "function": {"name": "stop", "parameters": {"type": "object"}}}]""",
            pair.Prompt, StringComparison.Ordinal);
        Assert.Equal("""[{"type": "function", "function": {"name": "weather", "arguments": {"city": "city 1"}}}]<eos>""", pair.Chosen);
        Assert.Equal("No.<eos>", pair.Rejected);
    }

    [Fact]
    public void Comparisons_of_summaries_are_of_posts_and_of_articles()
    {
        var pairs = Pairs("summaries.parquet");

        Assert.Equal("SUBREDDIT: r/cats\n\nTITLE: Cat 1\n\nPOST: My cat 1 sings.\n\nTL;DR:", pairs[1].Prompt);
        Assert.Equal((" Cats.", " A cat sings 1."), (pairs[1].Chosen, pairs[1].Rejected));
        Assert.Equal(("Article: Article 2 – naïve.\n\nTL;DR:", " A cat sings 2."), (pairs[2].Prompt, pairs[2].Chosen));
    }

    static List<ExampleText> Pairs(string name)
    {
        var conversations = new Conversations(() => Snippets.Template(Template), new EndTokens([], ["<eos>"]), date: null);
        return [.. PairFile.Read(Repository.Find("tests", "golden", "parquet", name), "pairs", conversations: conversations)];
    }
}
