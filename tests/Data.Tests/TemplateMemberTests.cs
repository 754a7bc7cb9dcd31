using System.Text;
using System.Text.Json;

namespace OrtDpo.Data.Tests;

/// <summary>The default template in the JSON of a tokenizer is replaced; every other byte stays.</summary>
public sealed class TemplateMemberTests
{
    const string Template = "{{ \"ä\" }}\n<|x|>";

    // As JSON writes it.
    const string Text = """
        "{{ \"ä\" }}\n<|x|>"
        """;

    [Theory]
    [InlineData("""{"a": 1.50, "chat_template" : "old \" }", "b": {"chat_template": "inner"}}""", "\"old \\\" }\"")]
    [InlineData("{\r\n  \"chat_template\": null,\r\n  \"eos_token\": \"\\u003c/s>\"\r\n}\r\n", "null")]
    [InlineData("""{"chat_template":""}""", "\"\"")]
    // Two of a name, of which readers take the last or the first.
    [InlineData("""{"chat_template": "old", "chat_template": "old"}""", "\"old\"")]
    // The default one of several, whose members stand in any order.
    [InlineData(
        """{"chat_template": [{"name": "tool_use", "template": "t"}, {"template": "old", "name": "default"}], "a": []}""", "\"old\"")]
    [InlineData("""{"chat_template": [ {"name": "default", "more": {"name": "x", "template": [1]}, "template": "old"}]}""", "\"old\"")]
    public void It_takes_the_old_one_s_place(string file, string old)
    {
        Assert.Equal(file.Replace(old, Text, StringComparison.Ordinal), With(file));
        // As readers of it see it.
        using var read = JsonDocument.Parse(With(file));
        var member = read.RootElement.GetProperty("chat_template");
        Assert.Equal(Template, member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : member.EnumerateArray().Single(t => t.GetProperty("name").GetString() == "default").GetProperty("template").GetString());
    }

    [Theory]
    [InlineData("""{"a": 1}""", """{"a": 1,"chat_template": TEXT}""")]
    [InlineData("{\n  \"a\": 1,\n  \"b\": [2]\n}\n", "{\n  \"a\": 1,\n  \"b\": [2],\n  \"chat_template\": TEXT\n}\n")]
    [InlineData("{}", """{"chat_template": TEXT}""")]
    [InlineData("""{"chat_template": []}""", """{"chat_template": [{"name": "default", "template": TEXT}]}""")]
    [InlineData(
        """{"chat_template": [{"name": "rag", "template": "r"}]}""",
        """{"chat_template": [{"name": "default", "template": TEXT}, {"name": "rag", "template": "r"}]}""")]
    public void Where_there_was_none_it_is_added(string file, string expected) =>
        Assert.Equal(expected.Replace("TEXT", Text, StringComparison.Ordinal), With(file));

    [Theory]
    [InlineData("""{"chat_template": [{"name": "rag", "template": "r"}, {"name": "default", "template": "old"}], "a": []}""")]
    [InlineData("""{"chat_template": [], "a": []}""")]
    [InlineData("""{"chat_template": null, "a": []}""")]
    [InlineData("""{"chat_template": "old", "a": []}""")]
    public void A_list_becomes_the_text_where_that_is_asked_for(string file) => Assert.Equal(
        $$"""{"chat_template": {{Text}}, "a": []}""",
        Encoding.UTF8.GetString(TemplateMember.With(Encoding.UTF8.GetBytes(file), Template, asText: true)));

    [Fact]
    public void A_byte_order_mark_stays() =>
        Assert.Equal("\uFEFF{\"chat_template\": " + Text + "}", With("\uFEFF{\"chat_template\": 1}"));

    static string With(string file) => Encoding.UTF8.GetString(TemplateMember.With(Encoding.UTF8.GetBytes(file), Template));
}
