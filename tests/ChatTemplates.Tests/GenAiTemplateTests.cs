namespace OrtDpo.ChatTemplates.Tests;

/// <summary>Templates as they are written for ONNX Runtime GenAI; what it makes of them: tests/GenAI.Tests.</summary>
public sealed class GenAiTemplateTests
{
    public static TheoryData<string> Models => TemplateGoldenTests.Models;

    // Without the rules a template that was written for them says something else.
    [Theory]
    [InlineData("{% if true %}\n  a\n{% endif %}\nb", "{% if true %}  a\n{% endif %}b")]
    [InlineData("a\n  {% if true %}b{% endif %}", "a\n{% if true %}b{% endif %}")]
    [InlineData("{# a #}\n\nx", "\nx")]
    [InlineData("{% set a = 1 %}\n\nx", """{% set a = 1 %}{{ "\n" }}x""")]
    [InlineData("{% raw %}{{ a }}\"{% endraw %}{{ 'b' }}", """{{ "{{ a }}\"" }}{{ 'b' }}""")]
    [InlineData("a\n {%+ if true -%} b {%- endif +%}\nc", "a\n{{ \" \" }}{%  if true  %}b{%  endif  %}{{ \"\\n\" }}c")]
    [InlineData("{{- {'a': 1}.a -}}\r\n{% if true %}\r\nb{% endif %}", "{{  {'a': 1}.a  }}{% if true %}b{% endif %}")]
    public void Whitespace_that_a_rule_takes_is_taken_and_what_stays_is_kept_from_the_rules(string source, string expected)
    {
        var written = GenAiTemplate.Of("t", source).Text;
        Assert.Equal(expected, written);
        Assert.Equal(Snippets.Render(source), Snippets.Render(written));
        // Once more changes nothing.
        Assert.Equal(written, GenAiTemplate.Of("t", written).Text);
    }

    [Theory]
    [InlineData("{%- for m in messages -%}\n  {{- m.role }}\n{%- endfor -%}\n")]
    [InlineData("{% if true %}a {{ 1 }}\n{{ 2 }}{% endif %}")]
    public void What_the_rules_do_not_change_stays_as_it_is(string source) => Assert.Equal(source, GenAiTemplate.Of("t", source).Text);

    [Fact]
    public void Names_that_it_leaves_undefined_are_none_where_that_is_asked()
    {
        const string Source = "{% if tools is none %}a{% endif %}{% if documents %}b{% endif %}";
        Assert.Equal(
            "{% if tools is not defined %}{% set tools = none %}{% endif %}" + Source, GenAiTemplate.Of("t", Source).Text);
    }

    // By Python's Jinja the two say the same, as the golden files have it of the first.
    [Theory]
    [MemberData(nameof(Models))]
    public void A_published_template_says_the_same_as_it_is_written(string model)
    {
        var template = TemplateGolden.Load(model);
        var text = GenAiTemplate.Of(model, template.Source).Text;
        var written = new ChatTemplate(model, text, TemplateGolden.TokensOf(model), TemplateGolden.Date);
        foreach (var conversation in TemplateGolden.Conversations)
        {
            Assert.Equal(TemplateGolden.Render(template, conversation), TemplateGolden.Render(written, conversation));
        }
    }

    [Theory]
    [InlineData("{{ a.replace('x', 'y') }}\n{{ a | upper }}", "the method 'replace' (line 1)", "the filter 'upper' (line 2)")]
    [InlineData("{{ a is not even }} {{ a is defined }}", "the test 'even' (line 1)")]
    [InlineData("{{ a.split() }}{{ a.split('x') }}", "the method 'split' with other than one argument (line 1)")]
    [InlineData("{{ a.split(f(1, 2), 1) }}", "the method 'split' with other than one argument (line 1)")]
    [InlineData("{{ '<x>' in a }}{{ 'x' in a }}{{ 'a b' not in a }}", "the operator 'in' of a text (line 1)")]
    [InlineData("{{ a | selectattr('b', 'defined') | list }}", "the test 'defined' of the filter 'selectattr' (line 1)")]
    [InlineData("{{ a | select | list }}", "the filter 'select' without a test (line 1)")]
    [InlineData("{% set a, b = 1, 2 %}", "the tag 'set' of several names (line 1)")]
    [InlineData("{% call f() %}{% endcall %}", "the tag 'call' (line 1)")]
    [InlineData("replace upper {{ replace }} {{ a.upper }}")]
    public void What_it_lacks_is_named_with_its_line(string source, params string[] expected) =>
        Assert.Equal(expected, GenAiTemplate.Of("t", source).Lacks);
}
