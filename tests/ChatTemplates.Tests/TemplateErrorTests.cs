using System.Text.Json;

namespace OrtDpo.ChatTemplates.Tests;

/// <summary>What is wrong is named with its place, and whether Jinja or the interpreter lacks it.</summary>
public sealed class TemplateErrorTests
{
    [Theory]
    [InlineData("{% include 'x' %}", 1, 4, "the tag 'include'")]
    [InlineData("a\n  {% call m() %}{% endcall %}", 2, 6, "the tag 'call'")]
    [InlineData("{% extends 'x' %}", 1, 4, "the tag 'extends'")]
    [InlineData("{% block x %}{% endblock %}", 1, 4, "the tag 'block'")]
    [InlineData("{% import 'x' as y %}", 1, 4, "the tag 'import'")]
    [InlineData("{% do x %}", 1, 4, "the tag 'do'")]
    [InlineData("\n\n{{ x | groupby('y') }}", 3, 8, "the filter 'groupby'")]
    [InlineData("{{ x | batch(2) }}", 1, 8, "the filter 'batch'")]
    [InlineData("{{ x is escaped }}", 1, 9, "the test 'escaped'")]
    [InlineData("{% if false %}{{ x | wordwrap }}{% endif %}", 1, 22, "the filter 'wordwrap'")]
    [InlineData("{% for x in y recursive %}{% endfor %}", 1, 15, "a recursive loop")]
    [InlineData("{{ f(*x) }}", 1, 6, "'*' before an argument")]
    [InlineData("{{ f(**x) }}", 1, 6, "'**' before an argument")]
    [InlineData("{{ 0x10 }}", 1, 4, "a number that is not written in decimal digits")]
    [InlineData("{{ '\\N{DASH}' }}", 1, 4, "the escape '\\N' in a string")]
    [InlineData("{{ 99999999999999999999 }}", 1, 4, "a whole number of more than 64 bits")]
    public void A_construct_that_the_interpreter_lacks_is_named_when_the_template_is_read(string source, int line, int column, string what)
    {
        var error = Assert.Throws<NotSupportedException>(() => Snippets.Template(source));
        Assert.Equal(
            $"chat_template.jinja line {line} column {column}: {what} is not supported. Change the template so that it does without.",
            error.Message);
    }

    [Theory]
    [InlineData("{{ 'a'.format(1) }}", 1, 7, "'format' of a string")]
    [InlineData("{{ '%s' % 1 }}", 1, 9, "'%' on text")]
    [InlineData("{{ [1].append(2) }}", 1, 7, "'append' of a list")]
    [InlineData("{{ {}.update({}) }}", 1, 6, "'update' of a dict")]
    [InlineData("{{ ''.__class__ }}", 1, 6, "'__class__' of a string")]
    [InlineData("{{ namespace().__class__ }}", 1, 15, "'__class__'")]
    [InlineData("{{ {true: 1} }}", 1, 5, "a key of type bool")]
    [InlineData("{{ cycler('a') }}", 1, 10, "the function 'cycler'")]
    [InlineData("{{ 'straße' | upper }}", 1, 15, "'ß' in capitals")]
    [InlineData("{{ 'ΟΔΟΣ' | lower }}", 1, 13, "'Σ' in small letters")]
    [InlineData("{{ 9223372036854775807 + 1 }}", 1, 24, "a whole number of more than 64 bits")]
    [InlineData("{{ 'a' * 100000000 }}", 1, 8, "text of more than 16 million characters")]
    [InlineData("{{ strftime_now('%H') }}", 1, 16, "'%H' in strftime_now")]
    [InlineData("{% for i in [1] %}{{ loop([2]) }}{% endfor %}", 1, 26, "a recursive loop")]
    [InlineData("{% macro m() %}{% endmacro %}{{ m.name }}", 1, 34, "'name' of the macro 'm'")]
    public void Or_when_it_is_reached(string source, int line, int column, string what)
    {
        var template = Snippets.Template(source);
        var error = Assert.Throws<NotSupportedException>(() => template.Render(Snippets.NoMessages));
        Assert.Equal(
            $"chat_template.jinja line {line} column {column}: {what} is not supported. Change the template so that it does without.",
            error.Message);
    }

    [Theory]
    [InlineData("{{ x", 1, 1, "this tag is not closed; expected '}}'.")]
    [InlineData("a\n{% if x", 2, 1, "this tag is not closed; expected '%}'.")]
    [InlineData("{# x", 1, 1, "this comment is not closed; expected '#}'.")]
    [InlineData("{% raw %}x", 1, 1, "'raw' is not closed; expected '{% endraw %}'.")]
    [InlineData("{% if x %}y", 1, 11, "the block that begins here is not closed; expected '{% endif %}'.")]
    [InlineData("{% for x in y %}{% endif %}", 1, 20, "'endif' closes nothing here.")]
    [InlineData("{% endfor %}", 1, 4, "'endfor' closes nothing here.")]
    [InlineData("{{ }}", 1, 4, "found '}}', where an expression is expected.")]
    [InlineData("{{ (1 }}", 1, 7, "'}' closes nothing here; expected ')'.")]
    [InlineData("{{ [1, 2) }}", 1, 9, "')' closes nothing here; expected ']'.")]
    [InlineData("{{ 'a }}", 1, 4, "this string is not closed.")]
    [InlineData("{{ a ? b }}", 1, 6, "the character '?' is no part of an expression.")]
    [InlineData("{{ a b }}", 1, 6, "found 'b', where '}}' is expected.")]
    [InlineData("{% for x y %}{% endfor %}", 1, 10, "found 'y', where 'in' is expected.")]
    [InlineData("{% set 5 = 1 %}", 1, 8, "found '5', where a name to set is expected.")]
    [InlineData("{% set true = 1 %}", 1, 8, "'true' cannot be set.")]
    [InlineData("{% break %}", 1, 4, "'break' stands outside of a loop.")]
    [InlineData("{% for x in y %}{% set z %}{% continue %}{% endset %}{% endfor %}", 1, 31, "'continue' stands outside of a loop.")]
    [InlineData("{{ f(a=1, 2) }}", 1, 11, "found '2', where an argument with its name is expected.")]
    [InlineData("{{ f(a=1, a=2) }}", 1, 11, "the argument 'a' is given twice.")]
    [InlineData("{{ x is odd is even }}", 1, 13, "found 'is', where no second test; put the first one in parentheses is expected.")]
    [InlineData("{% macro m(a=1, b) %}{% endmacro %}", 1, 17, "the parameter 'b' has no default and stands behind one that has.")]
    [InlineData("{{ '\\u12' }}", 1, 4, "the escape '\\u' needs 4 hexadecimal digits.")]
    public void What_is_no_Jinja_is_named_when_the_template_is_read(string source, int line, int column, string what)
    {
        var error = Assert.Throws<InvalidDataException>(() => Snippets.Template(source));
        Assert.Equal($"chat_template.jinja line {line} column {column}: {what}", error.Message);
    }

    [Fact]
    public void A_template_that_refuses_the_messages_says_why_by_an_exception_of_its_own()
    {
        var template = Snippets.Template("{{ raise_exception('Roles must alternate.') }}");
        var error = Assert.Throws<TemplateRefusalException>(() => template.Render(Snippets.NoMessages));
        Assert.Equal("chat_template.jinja line 1 column 19: the template refuses the messages (\"Roles must alternate.\").", error.Message);
    }

    [Theory]
    [InlineData("\n {{ user.name }}", 2, 9, "'user' is undefined.")]
    [InlineData("{{ {}.a.b }}", 1, 8, "a value of type dict has no 'a'.")]
    [InlineData("{{ 'a' + none }}", 1, 8, "'+' is given str and None, which it does not take.")]
    [InlineData("{{ 1 + [] }}", 1, 6, "'+' is given int and list, which it does not take.")]
    [InlineData("{{ 1 < 'a' }}", 1, 4, "int and str have no order.")]
    [InlineData("{% for x in 5 %}{% endfor %}", 1, 13, "a value of type int has no items to go through.")]
    [InlineData("{{ none | length }}", 1, 11, "a value of type None has no length.")]
    [InlineData("{{ [1] | select | length }}", 1, 19, "a value of type generator has no length; put '| list' before.")]
    [InlineData("{{ 'a'() }}", 1, 7, "a value of type str cannot be called.")]
    [InlineData("{{ 1 // 0 }}", 1, 6, "a number is divided by 0.")]
    [InlineData("{{ [1][::0] }}", 1, 7, "a slice's step is 0.")]
    [InlineData("{{ 'a' | replace('b') }}", 1, 10, "the filter 'replace' needs the argument 'new'.")]
    [InlineData("{{ 'a' | upper(1) | trim(2, 3) }}", 1, 21, "the filter 'trim' is given 2 arguments and takes 1 at most.")]
    [InlineData("{{ 'a' | indent(wide=2) }}", 1, 10, "the filter 'indent' takes no argument 'wide'.")]
    [InlineData("{% set messages.x = 1 %}", 1, 8, "'messages' is list; only a namespace's attributes can be set.")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", 1, 20,
        "macros call each other 200 deep. A macro must not call itself without end.")]
    [InlineData("{{ missing | tojson }}", 1, 14, "'tojson' is given 'missing' is undefined, which JSON has not.")]
    public void What_fails_while_rendering_is_named(string source, int line, int column, string what)
    {
        var template = Snippets.Template(source);
        var error = Assert.Throws<InvalidDataException>(() => template.Render(Snippets.NoMessages));
        Assert.Equal($"chat_template.jinja line {line} column {column}: {what}", error.Message);
    }

    [Fact]
    public void A_template_that_writes_the_date_needs_one()
    {
        var template = new ChatTemplate(
            "t", "{% if messages %}{{ strftime_now('%Y') }}{% endif %}", new Dictionary<string, JsonElement>(), date: null);
        Assert.True(template.WritesDate);
        Assert.Equal("", template.Render(Snippets.NoMessages));
        var error = Assert.Throws<InvalidDataException>(() => template.Render(JsonDocument.Parse("[1]").RootElement));
        Assert.StartsWith(
            "t line 1 column 33: the template writes today's date, and none was given.", error.Message, StringComparison.Ordinal);
        Assert.False(Snippets.Template("{{ strftime_now is defined }}").WritesDate);
    }

    // Templates come from strangers: reading one must end in an error and not in a crash.
    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("{1: ", "}")]
    [InlineData("f(", ")")]
    [InlineData("a[", "]")]
    [InlineData("1 if 1 else ", "")]
    [InlineData("not ", "")]
    [InlineData("- ", "")]
    [InlineData("1 + ", "")]
    [InlineData("1 and ", "")]
    public void Deep_expressions_are_refused(string open, string close)
    {
        var deep = string.Concat(Enumerable.Repeat(open, 20_000)) + "1" + string.Concat(Enumerable.Repeat(close, 20_000));
        Assert.Throws<NotSupportedException>(() => Snippets.Render($"{{{{ {deep} }}}}"));
    }

    [Fact]
    public void Deep_blocks_are_refused() =>
        Assert.Throws<NotSupportedException>(() => Snippets.Template(string.Concat(Enumerable.Repeat("{% if 1 %}", 20_000))));
}
