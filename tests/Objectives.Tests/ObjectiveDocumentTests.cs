using System.Text.RegularExpressions;

namespace OrtDpo.Objectives.Tests;

public sealed partial class ObjectiveDocumentTests
{
    static readonly string Document = File.ReadAllText(Repository.Find("docs", "objectives.md"));

    [Fact]
    public void The_document_has_a_row_for_every_loss_and_for_no_other() => Assert.Equal(
        EveryLoss.Names.Order(StringComparer.Ordinal),
        LossRow().Matches(Document).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_loss_says_in_one_line_of_help_what_it_is() => Assert.All(
        Objective.Known,
        l => Assert.True(l.Description is { Length: > 20 and <= 150 } text && text.EndsWith('.'), $"{l.Name}: {l.Description}"));

    [GeneratedRegex(@"^\| `([a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex LossRow();
}
