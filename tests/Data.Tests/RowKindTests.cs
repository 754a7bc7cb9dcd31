using OrtDpo.Batches;
using OrtDpo.ChatTemplates.Tests;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Tests;

/// <summary>All rows of a file are of one kind and all files of a run hold one kind, whatever stands first.</summary>
public sealed class RowKindTests : IDisposable
{
    const string Messages = """[{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]""";
    const string Pair = """{"prompt": "p", "chosen": "c", "rejected": "r"}""";
    const string Transcripts = """{"chosen": "\n\nHuman: q\n\nAssistant: a", "rejected": "\n\nHuman: q\n\nAssistant: b"}""";
    const string PairOfMessages = $$"""{"chosen": {{Messages}}, "rejected": {{Messages}}}""";
    const string Feedback = """{"prompt": "p", "completion": "c", "label": false}""";
    const string FeedbackOfMessages =
        """{"prompt": [{"role": "user", "content": "q"}], "completion": {"role": "assistant", "content": "a"}, "label": true}""";
    const string FeedbackWithoutLabel = """{"prompt": "p", "completion": "c", "label": null}""";
    const string Supervised = """{"prompt": "p", "completion": "c"}""";
    const string SupervisedMessages = $$"""{"messages": {{Messages}}}""";
    const string Alpaca = """{"instruction": "i", "output": "o"}""";

    const string PairName = "a preference pair ('chosen' and 'rejected')";
    const string ImplicitName = "a pair whose texts begin with the prompt ('chosen' and 'rejected' without 'prompt')";
    const string FeedbackName = "unpaired feedback ('completion' and 'label')";
    const string SupervisedName = "a supervised row ('completion' or 'messages' without 'label')";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(RowKind.Unpaired, Pair, FeedbackName, PairName)]
    [InlineData(RowKind.Pair, Feedback, PairName, FeedbackName)]
    [InlineData(RowKind.Pair, Supervised, PairName, SupervisedName)]
    [InlineData(RowKind.Supervised, Pair, SupervisedName, PairName)]
    [InlineData(RowKind.Unpaired, Supervised, FeedbackName, SupervisedName)]
    [InlineData(RowKind.Unpaired, FeedbackWithoutLabel, FeedbackName, SupervisedName)]
    [InlineData(RowKind.Supervised, Feedback, SupervisedName, FeedbackName)]
    [InlineData(RowKind.Pair, Transcripts, PairName, ImplicitName)]
    [InlineData(RowKind.Pair, PairOfMessages, PairName, PairName + ", as messages")]
    [InlineData(RowKind.Unpaired, FeedbackOfMessages, FeedbackName, FeedbackName + ", as messages")]
    [InlineData(RowKind.Supervised, SupervisedMessages, SupervisedName, SupervisedName + ", as messages")]
    public void A_row_behind_rows_of_another_kind_is_refused_with_both_named(RowKind kind, string other, string kindName, string otherName)
    {
        var ordinary = kind switch { RowKind.Pair => Pair, RowKind.Unpaired => Feedback, _ => Supervised };
        var path = folder.Write("data.jsonl", $"{ordinary}\n{ordinary}\n{other}");
        Assert.Equal(
            $"{path} line 3: the row is {otherName}, and {path} line 1 is {kindName}. "
            + "All rows of a file are of one kind: split the file in two.",
            Assert.Throws<InvalidDataException>(() => Read(path, kind)).Message);
    }

    [Theory]
    [InlineData(RowKind.Pair, PairOfMessages, Pair)]
    [InlineData(RowKind.Unpaired, FeedbackOfMessages, Feedback)]
    [InlineData(RowKind.Supervised, SupervisedMessages, Supervised)]
    public void Text_behind_messages_is_refused_too(RowKind kind, string messages, string text)
    {
        var path = folder.Write("data.jsonl", $"{messages}\n{text}");
        var message = Assert.Throws<InvalidDataException>(() => Read(path, kind)).Message;
        Assert.StartsWith($"{path} line 2: the row is ", message, StringComparison.Ordinal);
        Assert.Contains($", as messages. All rows of a file", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_are_null_throughout_are_no_labels() =>
        Assert.Equal(2, Read(folder.Write("data.jsonl", $"{FeedbackWithoutLabel}\n{Supervised}"), RowKind.Supervised).Count);

    [Theory]
    [InlineData(Pair, RowKind.Pair)]
    [InlineData(Transcripts, RowKind.Pair)]
    [InlineData("""{"prompt": "p", "chosen": "c", "rejected": "r", "completion": "c", "label": 1}""", RowKind.Pair)]
    [InlineData("""{"prompt": "p", "chosen": null, "rejected": null, "completion": "c", "label": true}""", RowKind.Unpaired)]
    [InlineData(Feedback, RowKind.Unpaired)]
    [InlineData("""{"prompt": "p", "completion": "c", "label": 1}""", RowKind.Unpaired)]
    [InlineData(FeedbackWithoutLabel, RowKind.Supervised)]
    [InlineData(Supervised, RowKind.Supervised)]
    [InlineData(SupervisedMessages, RowKind.Supervised)]
    [InlineData(Alpaca, RowKind.Supervised)]
    [InlineData("""{"history": "h", "human_ref_A": "a", "human_ref_B": "b", "labels": 1}""", RowKind.Pair)]
    [InlineData("""{"prompt": "p"}""", RowKind.Pair)]
    public void The_columns_say_of_what_kind_a_file_is(string row, RowKind kind) => Assert.Equal(kind, KindOf(row));

    [Fact]
    public void The_kind_is_that_of_every_file_that_has_one() =>
        Assert.Equal(RowKind.Supervised, KindOf("""{"text": "t"}""", Supervised, Alpaca));

    [Theory]
    [InlineData(Pair, Feedback, FeedbackName, PairName)]
    [InlineData(Feedback, Supervised, SupervisedName, FeedbackName)]
    [InlineData(Supervised, Transcripts, PairName, SupervisedName)]
    public void Files_of_different_kinds_are_refused_with_both_named(string first, string third, string thirdName, string firstName)
    {
        var error = Assert.Throws<InvalidDataException>(() => KindOf(first, first, third));
        Assert.Equal(
            $"{folder.File("2.jsonl")} line 1 is {thirdName}, and {folder.File("0.jsonl")} line 1 is {firstName}. "
            + "All files of a run hold rows of one kind: give each kind a run of its own.", error.Message);
    }

    RowKind KindOf(params string[] files) =>
        RowFile.KindOf(DataSource.FromPaths([.. files.Select((text, i) => folder.Write($"{i}.jsonl", text))]));

    static List<ExampleText> Read(string path, RowKind kind) => [.. RowFile.Read(
        DataSource.FromPaths([path])[0],
        kind,
        new Conversations(() => Snippets.Template("{% for m in messages %}{{ m.content }}{% endfor %}"), EndTokens.Of(null), date: null))];
}
