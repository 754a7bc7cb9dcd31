using OrtDpo.Tokenizers.Patterns;
using OrtDpo.Tokenizers.Unicode;

namespace OrtDpo.Tokenizers.Tests.Unicode;

public sealed class CodePointGoldenTests
{
    public static TheoryData<string> Classes => new(CodePointGolden.ClassNames.Where(name => name[0] is '\\' or '['));

    [Theory]
    [InlineData("NFC")]
    [InlineData("NFD")]
    [InlineData("NFKC")]
    [InlineData("NFKD")]
    public void Every_code_point_and_any_sequence_has_the_form_that_models_were_trained_on(string name)
    {
        var form = name switch { "NFC" => UnicodeForm.Nfc, "NFD" => UnicodeForm.Nfd, "NFKC" => UnicodeForm.Nfkc, _ => UnicodeForm.Nfkd };

        CodePointGolden.CheckEach(name, form.Normalize);
        CodePointGolden.CheckSequences(name, form.Normalize);
    }

    [Theory]
    [MemberData(nameof(Classes))]
    public void A_class_in_a_pattern_has_the_same_members(string name)
    {
        var pattern = Pattern.Parse(name);

        CodePointGolden.CheckClass(name, c => pattern.Find(char.ConvertFromUtf32(c), 0, out _, out _));
    }

    [Fact]
    public void What_splits_at_a_kind_of_character_goes_by_the_same_characters()
    {
        CodePointGolden.CheckClass("Digits", CharacterClasses.IsNumeric);
        CodePointGolden.CheckClass("Punctuation", CharacterClasses.IsPunctuation);
        CodePointGolden.CheckClass("Word", CharacterClasses.IsWord);
        CodePointGolden.CheckClass("WhitespaceSplit", CharacterClasses.IsWhiteSpace);
    }

    [Fact]
    public void Lower_case_and_letters_without_marks_are_the_same()
    {
        CodePointGolden.CheckEach("Lowercase", Letters.Lower);
        CodePointGolden.CheckSequences("Lowercase", Letters.Lower);
        CodePointGolden.CheckEach("StripAccents", Letters.WithoutMarks);
        CodePointGolden.CheckSequences("StripAccents", Letters.WithoutMarks);
    }
}
