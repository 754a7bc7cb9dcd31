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
    [InlineData(@"(?P<x>a)?b(?(x)c|d)", "abc bd", "abd")]
    [InlineData(@"(?P<x>a|b)(c|d)\2", "acc bdd", "aca")]
    [InlineData(@"(a|b)(?P<x>c|d)(?:e)(f)\1(?P=x)\3", "acefacf bdefbdf", "acefccf")]
    [InlineData(@"(?P<x>a|b)(?P=x)1", "aa1 bb1", "ab1")]
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

    [Fact]
    public void Names_of_groups_count_in_patterns_too()
    {
        var config = new LoraConfig { TargetModules = ModuleChoice.AllLinear, RankPattern = [new("(?P<x>a|b)(?P=x)", 3)] };
        Assert.Equal([3, 8, 3], LoraTargets.Resolve(config, KnownModels.Paths("m.aa m.ab "
            + "m.n.bb"), []).Targets.Select(target => target.Rank));
    }

    static LoraTargets Resolve(string expression, string name) =>
        LoraTargets.Resolve(new() { TargetModules = new ModuleChoice.Pattern(expression) }, [new LinearModule(name, 4, 4)], []);
}
