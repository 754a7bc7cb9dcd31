using OrtDpo.Tokenizers.Patterns;

namespace OrtDpo.Tokenizers.Tests.Patterns;

public sealed class PatternTests
{
    [Theory]
    [InlineData(@"\p{L}+", "𝐀𝐁1", "𝐀𝐁")]
    [InlineData(@"\p{N}{1,3}", "𝟏𝟐𝟑𝟒", "𝟏𝟐𝟑|𝟒")]
    [InlineData(@"[^\s\p{L}\p{N}]+", "a😀😀b", "😀😀")]
    [InlineData(@"(?i:'s|'ll)", "'S'ſ'Ll's", "'S|'ſ|'Ll|'s")]
    [InlineData(@"(?:ab)?c|a", "abcacab", "abc|a|c|a")]
    [InlineData(@"\s+(?!\S)|\s+", "a   b \n", "  | | \n")]
    [InlineData(@"a++a|b", "aaab", "b")]
    [InlineData(@"a+a|b", "aaab", "aaa|b")]
    [InlineData(@"x{2}", "xxxxx", "xx|xx")]
    [InlineData(@"x{2,}", "xxxxx x", "xxxxx")]
    [InlineData(@"[a-c\-\]]+", "ab-]cd", "ab-]c")]
    [InlineData(@"a(?=b)", "abacab", "a|a")]
    [InlineData(@".+", "ab\ncd", "ab|cd")]
    [InlineData(@"\P{L}+", "ab12😀c", "12😀")]
    [InlineData(@"[一-龥]+", "a你好b", "你好")]
    public void Matches_are_found_over_code_points(string expression, string text, string expected)
    {
        var pattern = Pattern.Parse(expression);
        var matches = new List<string>();
        for (var at = 0; pattern.Find(text, at, out var start, out at);)
        {
            matches.Add(text[start..at]);
        }

        Assert.Equal(expected, string.Join('|', matches));
    }

    [Theory]
    [InlineData(@"a*")]
    [InlineData(@"a|b?")]
    [InlineData(@"a*?b")]
    [InlineData(@"(ab)+")]
    [InlineData(@"(?<=a)b")]
    [InlineData(@"(?>a)b")]
    [InlineData(@"a{1,2}+")]
    [InlineData(@"\bfoo")]
    [InlineData(@"^a")]
    [InlineData(@"[[a]b]")]
    [InlineData(@"[a&&b]")]
    [InlineData(@"\p{Greek}")]
    [InlineData(@"(?i:é)")]
    [InlineData(@"[a")]
    [InlineData(@"(a")]
    [InlineData(@"a)")]
    public void Syntax_that_is_not_implemented_is_refused_with_the_pattern(string expression) =>
        Assert.Contains(
            expression, Assert.Throws<NotSupportedException>(() => Pattern.Parse(expression)).Message, StringComparison.Ordinal);
}
