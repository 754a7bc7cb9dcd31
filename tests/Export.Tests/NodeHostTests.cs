namespace OrtDpo.Export.Tests;

/// <summary>Exported models in onnxruntime-node and in onnxruntime-web (WebAssembly), against the layers that train.</summary>
[Trait("Speed", "native")]
public sealed class NodeHostTests
{
    // Beside other work an installation takes longer, and the short test is then skipped until the long one has installed.
    static readonly TimeSpan Short = TimeSpan.FromSeconds(20);
    static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    public static MatrixTheoryData<string, string> All => new(HostCase.All.Select(row => row.Data), ["node", "web"]);

    [Theory]
    [InlineData("node")]
    [InlineData("web")]
    public void The_demo_model_gets_the_tokens_of_the_training_graph(string runtime) => Check(HostCase.Demo, runtime, 1, 12, Short);

    [Theory]
    [Trait("Speed", "long")]
    [MemberData(nameof(All))]
    public void Thirty_two_prompts_get_the_tokens_of_the_training_graph(string name, string runtime) => Check(name, runtime, 8, 128, Long);

    static void Check(string name, string runtime, int batches, int tokens, TimeSpan patience)
    {
        using var model = HostCase.Open(name);
        var prompts = model.Batches(batches).ToList();
        foreach (var (padding, cache, made) in NodeClients.Continue(runtime, model.Model, prompts, tokens, patience))
        {
            var (text, what) = (model.Text, $"{name}, {runtime}, {padding}, {(cache ? "cache" : "no cache")}");
            foreach (var (prompt, ids) in prompts.SelectMany(batch => batch).Zip(made.SelectMany(batch => batch)))
            {
                Assert.Equal(tokens, ids.Length);
                text.Compare(prompt, ids, what);
            }

            text.Finish(what);
        }
    }
}
