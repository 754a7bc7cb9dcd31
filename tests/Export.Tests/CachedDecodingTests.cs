using OrtDpo.Models.Decoders;

namespace OrtDpo.Export.Tests;

/// <summary>
/// Exported models in plain ONNX Runtime, in a host that decodes padded batches with the cache, against the layers that train, which run
/// every sequence whole.
/// </summary>
[Trait("Speed", "native")]
public sealed class CachedDecodingTests
{
    const int NewTokens = 128;

    public static TheoryData<string, AttentionForm> Families => HostCase.Families;

    public static TheoryData<string> All => HostCase.All;

    [Theory]
    [MemberData(nameof(Families))]
    public void A_padded_batch_gets_the_tokens_of_the_training_graph(string family, AttentionForm form) => Check(family, form);

    [Theory]
    [InlineData(AttentionForm.Plain)]
    [InlineData(AttentionForm.Grouped)]
    public void Stories260K_gets_the_tokens_of_the_training_graph(AttentionForm form) => Check(HostCase.Stories, form);

    [Fact]
    public void Padding_before_the_prompts_is_not_for_grouped_attention()
    {
        using var plain = HostCase.Open("llama");
        using var grouped = HostCase.Open("llama", AttentionForm.Grouped);
        var prompts = plain.Batches(1).Single();
        var made = new[] { plain, grouped }.Select(model =>
        {
            using var host = new PaddedHost(model.Model);
            return host.Continue(prompts, 16, Padding.Left);
        }).ToList();
        // The longest prompt has no padding.
        Assert.Equal(made[0][1].Tokens, made[1][1].Tokens);
        Assert.NotEqual(made[0][0].Tokens, made[1][0].Tokens);
    }

    [Theory]
    [Trait("Speed", "long")]
    [MemberData(nameof(All))]
    public void Thirty_two_prompts_get_the_tokens_of_the_training_graph_with_the_cache_and_without(string name)
    {
        using var model = HostCase.Open(name);
        using var host = new PaddedHost(model.Model);
        foreach (var (padding, cache) in
            from padding in Enum.GetValues<Padding>() from cache in new[] { true, false } select (padding, cache))
        {
            var (text, what) = (model.Text, $"{name}, {padding}, {(cache ? "cache" : "no cache")}");
            foreach (var prompts in model.Batches(8))
            {
                foreach (var (prompt, made) in prompts.Zip(host.Continue(prompts, NewTokens, padding, cache)))
                {
                    text.Compare(prompt, [.. made.Tokens.Select(id => (int)id)], what, made.Logps);
                }
            }

            text.Finish(what);
        }
    }

    static void Check(string name, AttentionForm form)
    {
        using var model = HostCase.Open(name, form);
        Assert.True(model.Report.Holds, model.Report.Fault);
        Assert.InRange(model.Report.Cache!.Tokens, 32, 32);
        var prompts = model.Batches(1).Single();
        using var host = new PaddedHost(model.Model);
        foreach (var padding in form == AttentionForm.Plain ? Enum.GetValues<Padding>() : [Padding.Right])
        {
            var text = model.Text;
            foreach (var (prompt, made) in prompts.Zip(host.Continue(prompts, NewTokens, padding)))
            {
                text.Compare(prompt, [.. made.Tokens.Select(id => (int)id)], $"{padding}", made.Logps);
            }

            text.Finish($"{padding}");
        }
    }
}
