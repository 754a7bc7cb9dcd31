namespace OrtDpo.Data.Tests;

/// <summary>JSON as people and other programs write it: over several lines, nested deep, and what is nearly JSON.</summary>
public sealed class JsonTextTests : IDisposable
{
    const string Row = """{"prompt": "p", "chosen": "c", "rejected": "r"}""";
    const string Spread = "{\n  \"prompt\": \"p\",\n  \"chosen\": \"c\",\n  \"rejected\": \"r\"\n}";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // One object, jq's output, json.dump with an indent and nothing between, and both forms in one file.
    [Theory]
    [InlineData(Spread, 1L)]
    [InlineData(Spread + "\n" + Spread + "\n", 1L, 6L)]
    [InlineData(Spread + Spread, 1L, 5L)]
    [InlineData(Row + "\n\n" + Spread + "\r\n" + Row, 1L, 3L, 8L)]
    [InlineData("{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\",\n \"meta\": {}}", 1L)]
    [InlineData("{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\", \"meta\": {\"a\": 1}\n}\n" + Row, 1L, 3L)]
    public void Objects_over_several_lines_are_rows_numbered_by_the_line_that_they_begin_in(string text, params long[] lines)
    {
        var rows = PairFile.Read(folder.Write("a.json", text), "a").ToList();

        Assert.Equal(lines, rows.Select(row => row.SourceRow));
        Assert.All(rows, row => Assert.Equal(("p", "c", "r"), (row.Prompt, row.Chosen, row.Rejected)));
    }

    [Fact]
    public void Objects_over_several_lines_come_through_the_buffer_whole()
    {
        var text = new string('é', 90_000);
        var objects = Enumerable.Range(0, 5).Select(i => Spread.Replace("\"c\"", $"\"{text}{i}\"", StringComparison.Ordinal));

        var rows = PairFile.Read(folder.Write("a.json", string.Join('\n', objects)), "a").ToList();

        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"{text}{i}"), rows.Select(row => row.Chosen));
    }

    [Theory]
    [InlineData("{\n\"prompt\": \"p\",\n\"chosen\": NaN}", "line 3: not valid JSON: NaN is no number of JSON. Write null")]
    [InlineData("""{"prompt": "p", "chosen": "c", "score": -Infinity}""", "line 1: not valid JSON: -Infinity is no number")]
    [InlineData("""{"prompt": "p", "chosen": "c", "score": nan}""", "line 1: not valid JSON: nan is no number")]
    [InlineData("[" + Row + ",\n{\"prompt\": \"p\", \"score\": Infinity}]", "line 2: not valid JSON: Infinity is no number")]
    [InlineData("""{"prompt": "p", "chosen": "c", "rejected": "r",}""", "line 1: not valid JSON: a comma stands before '}'")]
    [InlineData("[" + Row + ",\n]", "line 2: not valid JSON: a comma stands before ']'")]
    [InlineData("{\n\"prompt\": [\"p\",],\n\"chosen\": \"c\"}", "line 2: not valid JSON: a comma stands before ']'")]
    [InlineData("{'prompt': 'p', 'chosen': 'c'}", "line 1: not valid JSON: single quotes are how Python prints values")]
    [InlineData("""{"prompt": "p", "label": True}""", "line 1: not valid JSON: True is how Python prints values")]
    [InlineData("[" + Row + ",\n {\"prompt\": None}]", "line 2: not valid JSON: None is how Python prints values")]
    [InlineData("[\n// the first\n" + Row + "]", "line 2: not valid JSON: a comment stands here")]
    [InlineData("{\"prompt\": \"p\", # a prompt\n\"chosen\": \"c\"}", "line 1: not valid JSON: a comment stands here")]
    [InlineData("[" + Row + "]\n[" + Row + "]", "line 2: not valid JSON: '[' stands behind the array")]
    [InlineData("[" + Row + "]\n\n" + Row, "line 3: not valid JSON: '{' stands behind the array")]
    [InlineData(Row + " " + Row, "line 1: not valid JSON: '{' stands behind the row in its line")]
    [InlineData(Row + ",\n" + Row, "line 1: not valid JSON: ',' stands behind the row in its line")]
    [InlineData("[" + Row + ",\n{\"prompt\": \"p\"", "line 2: not valid JSON: the file ends inside the array")]
    [InlineData(Row + "\n{\"prompt\": \"p\",\n\"chosen\": \"c\"",
        "line 2: not valid JSON: the row that begins here is not closed, and the file ends")]
    [InlineData("{\"prompt\": \"p\",\n\"chosen\": \"c\"\n" + Row,
        "line 1: not valid JSON: the row that begins here is not closed: line 3 begins another")]
    public void What_is_nearly_json_is_refused_in_a_sentence_about_it(string text, string expected)
    {
        var path = folder.Write("a.json", text);
        var error = Assert.Throws<InvalidDataException>(() => PairFile.Read(path, "a").Count());

        Assert.StartsWith($"{path} {expected}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("depth", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"prompt": ["p", "q"], "chosen": ["c", "d"], "rejected": ["r", "s"]}""", "a list of 2 values")]
    [InlineData("""{"prompt": {"0": "p", "1": "q"}, "chosen": {"0": "c", "1": "d"}}""", "to_json(orient=\"records\", lines=True)")]
    [InlineData("{\n\"chosen\": [[{\"role\": \"user\"}]],\n\"rejected\": [[{\"role\": \"user\"}]]\n}", "a list of 1 values")]
    [InlineData("""{"version": 1, "data": [{"prompt": "p", "chosen": "c", "rejected": "r"}]}""", "its 'data' holds the rows")]
    public void An_object_that_holds_the_whole_table_is_refused_with_what_to_write(string text, string expected)
    {
        var path = folder.Write("a.json", text);
        var error = Assert.Throws<InvalidDataException>(() => PairFile.Read(path, "a").Count());

        Assert.StartsWith($"{path} line 1: the object ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("one object a row", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_messages_is_no_table()
    {
        const string Messages = """{"chosen": [{"role": "user", "content": "a"}], "rejected": [{"role": "user", "content": "a"}]}""";

        Assert.Single(JsonRows.Read(folder.Write("a.jsonl", Messages)));
        Assert.Single(JsonRows.Read(folder.Write("b.jsonl", Messages.Replace("chosen", "good", StringComparison.Ordinal)
            .Replace("rejected", "bad", StringComparison.Ordinal)), ColumnNames.Parse("chosen=good,rejected=bad")));
    }

    [Theory]
    [InlineData(80, "a.jsonl", "")]
    [InlineData(300, "a.json", "[")]
    [InlineData(510, "a.jsonl", "")]
    public void A_deep_column_that_nobody_asks_for_is_passed_over_and_listed(int depth, string name, string array)
    {
        var unread = new List<UnreadColumn>();
        var deep = Row.Replace("}", $", \"trace\": {Nested(depth)}, \"id\": 7}}", StringComparison.Ordinal);
        var path = folder.Write(name, $"{array}{deep}{(array.Length > 0 ? ",\n" + Row + "]" : "\n" + Row)}");

        var rows = JsonRows.Read(path, names: null, unread.Add).Select(row => row.Value.GetRawText()).ToList();

        Assert.Equal(["""{"prompt":"p","chosen":"c","rejected":"r","id":7}""", Row], rows);
        Assert.Equal(new UnreadColumn("trace", "JSON nested deeper than 64"), unread[0]);
    }

    [Fact]
    public void A_deep_column_that_is_asked_for_is_refused_by_name()
    {
        var path = folder.Write("a.jsonl", $"{Row}\n{Row.Replace("\"c\"", Nested(70), StringComparison.Ordinal)}");
        var error = Assert.Throws<NotSupportedException>(() => JsonRows.Read(path).Count());

        Assert.StartsWith(
            $"{path} line 2: column 'chosen' has the type JSON nested deeper than 64, which is not read.",
            error.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(200_000)]
    public void Beyond_the_bound_a_row_is_refused_by_its_depth(int depth)
    {
        var path = folder.Write("a.jsonl", Row.Replace("}", $", \"trace\": {Nested(depth)}}}", StringComparison.Ordinal));
        var error = Assert.Throws<InvalidDataException>(() => JsonRows.Read(path).Count());

        Assert.StartsWith($"{path} line 1: the row is nested deeper than 512.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"prompt": "p", "chosen": [{"role": "\udc00"}], "rejected": "r"}""", "'chosen' holds half of a surrogate pair")]
    [InlineData("""{"prompt": "p", "a\ud800": 1, "rejected": "r"}""", "a name in the row holds half of a surrogate pair")]
    [InlineData("""{"prompt": "p", "chosen": {"\ud800": 1}, "rejected": "r"}""", "a name in the row holds half of a surrogate pair")]
    public void Half_of_a_surrogate_pair_is_refused_wherever_somebody_would_look(string row, string expected)
    {
        var path = folder.Write("a.jsonl", row);
        var error = Assert.Throws<InvalidDataException>(() => PairFile.Read(path, "a").Count());

        Assert.StartsWith($"{path} line 1: {expected}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_in_a_list_of_functions_that_is_text_is_refused()
    {
        var path = folder.Write("a.jsonl", """{"conversations": [{"from": "human", "value": "a"}], "tools": "[\"\\ud800\"]"}""");
        var error = Assert.Throws<InvalidDataException>(() => JsonRows.Read(path).Count());

        Assert.StartsWith($"{path} line 1: 'tools': the string at byte 2 holds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_in_a_column_that_nobody_asks_for_is_passed_over() => Assert.Single(
        PairFile.Read(folder.Write("a.jsonl", Row.Replace("}", """, "note": ["\ud800"]}""", StringComparison.Ordinal)), "a"));

    [Theory]
    [InlineData(".jsonl", Row + "\n" + Row)]
    [InlineData(".json", "[" + Row + ",\n" + Row + "]")]
    [InlineData(".json", Spread + "\n" + Spread)]
    [InlineData(".jsonl", """{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}], "tools": "[{}]"}""")]
    [InlineData(
        ".jsonl",
        """{"info": {"post": "a", "subreddit": "b", "title": "c"}, "summaries": [{"text": "d"}, {"text": "e"}], "choice": 1}""")]
    [InlineData(".jsonl", """{"prompt": "\u00e9\ud83d\ude00", "chosen": [{"role": "user", "content": "é"}], "rejected": []}""")]
    [InlineData(".csv", "prompt,chosen,rejected\n\"a\"\"b\",c,d\n\"[{\"\"role\"\": 1}]\",é,f\n")]
    public void A_changed_byte_is_refused_in_a_sentence_or_reads_on(string ending, string text)
    {
        var whole = System.Text.Encoding.UTF8.GetBytes(text);
        foreach (var to in "\\\"{[,\n0u\u00ff".Select(c => (byte)c))
        {
            for (var at = 0; at < whole.Length; at += 3)
            {
                byte[] changed = [.. whole];
                changed[at] = to;
                try
                {
                    _ = PairFile.Read(folder.Write($"changed{ending}", changed), "a").Count();
                }
                catch (Exception e) when (e is InvalidDataException or NotSupportedException)
                {
                }
            }
        }
    }

    static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
