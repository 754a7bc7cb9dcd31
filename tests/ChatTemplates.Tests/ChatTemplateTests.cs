using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrtDpo.ChatTemplates.Tests;

/// <summary>What a template writes, and what it is known by.</summary>
public sealed class ChatTemplateTests
{
    // Unset tokens stay undefined.
    [Fact]
    public void A_template_sees_the_special_tokens_that_it_is_made_with()
    {
        var tokens = JsonDocument.Parse("""{"bos_token": "<s>", "additional_special_tokens": ["<a>", "<b>"]}""").RootElement
            .EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        var template = new ChatTemplate("t", "{{ bos_token }}{{ eos_token is defined }}{{ additional_special_tokens }}", tokens);
        Assert.Equal("<s>False['<a>', '<b>']", template.Render(Snippets.NoMessages));
    }

    [Fact]
    public void The_digest_is_that_of_the_text()
    {
        const string Text = "{{ 'ü' }}\n";
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text))), Snippets.Template(Text).Digest);
        Assert.NotEqual(Snippets.Template("{{ 'ü' }}").Digest, Snippets.Template(Text).Digest);
    }

    // The blanks before a tag alone on its line go, and the line end behind it; those around {{ }} stay.
    [Fact]
    public void Whitespace_is_cut_as_Hugging_Face_sets_it() => Assert.Equal(
        "a\n  b\n  1 \nc",
        Snippets.Render("a\n  {% if true %}\n  b\n  {# note #}\n  {{ 1 }} \n{% endif %}\nc\n"));

    [Fact]
    public void A_loop_leaves_nothing_behind_but_in_a_namespace() => Assert.Equal(
        "0 2",
        Snippets.Render(
            "{% set n = 0 %}{% set space = namespace(n=0) %}"
            + "{% for i in [1, 2] %}{% set n = i %}{% set space.n = i %}{% endfor %}{{ n }} {{ space.n }}"));

    [Fact]
    public void Rendering_leaves_no_trace_in_the_template()
    {
        var template = Snippets.Template("{{ n is defined }}{% set n = namespace(a=1) %}{% set n.a = n.a + 1 %}{{ n.a }}");
        Assert.Equal("False2", template.Render(Snippets.NoMessages));
        Assert.Equal("False2", template.Render(Snippets.NoMessages));
    }
}
