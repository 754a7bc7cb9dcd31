using OrtDpo.Tokenizers.Unicode;

namespace OrtDpo.Tokenizers.Tests.Unicode;

public sealed class UnicodeFormTests
{
    static readonly UnicodeForm[] Forms = [UnicodeForm.Nfc, UnicodeForm.Nfd, UnicodeForm.Nfkc, UnicodeForm.Nfkd];

    // The file's header: NFC of columns 1 to 3 is column 2, of 4 and 5 is column 4;
    // likewise NFD with 3 and 5; NFKC and NFKD of all are 4 and 5.
    [Fact]
    public void The_official_test_holds()
    {
        var count = 0;
        foreach (var (columns, _) in NormalizationTestFile.Lines())
        {
            for (var i = 0; i < 5; i++)
            {
                string[] expected = [columns[i < 3 ? 1 : 3], columns[i < 3 ? 2 : 4], columns[3], columns[4]];
                string[] found = [.. Forms.Select(form => form.Normalize(columns[i]))];
                // What is compared this often is compared fast; the message is made where they differ.
                if (!found.AsSpan().SequenceEqual(expected))
                {
                    Assert.Equal(expected, found);
                }
            }

            count++;
        }

        Assert.Equal(18_288, count);
    }

    // The file's second condition.
    [Fact]
    public void A_character_that_the_official_test_does_not_list_stays_as_it_is()
    {
        var listed = NormalizationTestFile.Lines().Where(line => line.Single).Select(line => line.Columns[0]).ToHashSet();

        var others = CodePointGolden.All.Select(char.ConvertFromUtf32).Where(text => !listed.Contains(text));

        Assert.Null(others.FirstOrDefault(text => Forms.Any(form => form.Normalize(text) != text)));
    }

    [Fact]
    public void What_stands_around_a_changed_character_is_kept() =>
        Assert.Equal("plain é text ﬁ 😀 가각", UnicodeForm.Nfc.Normalize("plain e\u0301 text ﬁ 😀 \u1100\u1161\u1100\u1161\u11A8"));
}
