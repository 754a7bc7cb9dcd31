namespace OrtDpo.Adapters.Tests;

/// <summary>
/// Expressions that Python's <c>re</c> and .NET read differently; expected is what <c>re.fullmatch</c> of Python 3.11 says.
/// </summary>
public sealed class PythonExpressionTests
{
    [Theory]
    [InlineData(@"(?P<a>x+)\.(?P=a)", "x.x xx.xx", "xx.x")]
    [InlineData(@"(?P<side>l|r)\.w(?P=side)", "l.wl r.wr", "l.wr")]
    [InlineData(@"a\.b\Z", "a.b", "a.bb")]
    [InlineData(@"a{,2}\.w", ".w a.w aa.w", "aaa.w")]
    [InlineData(@"a{,}\.w", ".w aaa.w", "b.w")]
    [InlineData(@"a{1,2}\.w", "a.w aa.w", ".w")]
    [InlineData(@"a{b}", "a{b}", "ab")]
    [InlineData(@"[a-z-[b]\.w", "a.w -.w [.w b.w", "].w")]
    [InlineData(@"[]x]\.w", "].w x.w", "y.w")]
    [InlineData(@"[^]x]\.w", "y.w", "].w")]
    [InlineData(@"[\]x]\.[w]", "].w x.w", @"\.w")]
    [InlineData(@"\w+(?#remark)\.w", "ab.w", "a-b.w")]
    [InlineData(@"(?i)Q_PROJ", "q_proj Q_proj", "q_prok")]
    [InlineData(@"(?i:Q)_proj", "q_proj Q_proj", "q_PROJ")]
    [InlineData(@"a(?=\.w).*(?<!x)", "a.wy", "a.wx")]
    [InlineData(@"(a)?b(?(1)c|d)", "abc bd", "abd")]
    public void Expressions_mean_what_Python_means(string expression, string matching, string other)
    {
        foreach (var name in matching.Split(' '))
        {
            Assert.Equal(name, Resolve(expression, name).Names());
        }

        Assert.Throws<InvalidDataException>(() => Resolve(expression, other));
    }

    [Theory]
    [InlineData(@"[a")]
    [InlineData(@"(?P<a")]
    [InlineData(@"(?P=a)")]
    [InlineData(@"(?P>a)")]
    [InlineData(@"a**")]
    [InlineData(@"\")]
    public void What_Python_does_not_compile_is_refused(string expression) => Assert.Contains(
        "which does not compile", Assert.Throws<InvalidDataException>(() => Resolve(expression, "a")).Message, StringComparison.Ordinal);

    static LoraTargets Resolve(string expression, string name) =>
        LoraTargets.Resolve(new() { TargetModules = new ModuleChoice.Pattern(expression) }, [new LinearModule(name, 4, 4)], []);
}
