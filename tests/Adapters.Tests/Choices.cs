namespace OrtDpo.Adapters.Tests;

/// <summary>
/// Choices of modules as tests write them: names with spaces between, <c>re:</c> and an expression, or <c>all-linear</c>.
/// </summary>
static class Choices
{
    public static ModuleChoice Of(string text) => text == "all-linear"
        ? ModuleChoice.AllLinear
        : text.StartsWith("re:", StringComparison.Ordinal)
            ? new ModuleChoice.Pattern(text[3..])
            : new ModuleChoice.Names(text.Split(' '));

    public static int[] Integers(string text) => [.. text.Split(' ').Select(int.Parse)];

    /// <summary>The names of what is adapted, with spaces between.</summary>
    public static string Names(this LoraTargets targets) => string.Join(' ', targets.Targets.Select(target => target.Module.Name));

    /// <summary>What is resolved on a model that <see cref="KnownModels"/> knows.</summary>
    public static LoraTargets On(this LoraConfig config, string model)
    {
        var (linears, others) = KnownModels.Named(model);
        return LoraTargets.Resolve(config, linears, others);
    }
}
