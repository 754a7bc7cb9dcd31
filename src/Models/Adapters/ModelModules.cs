using OrtDpo.Adapters;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Adapters;

/// <summary>
/// A model as modules, which adapters name: a parameter <c>….weight</c> or <c>….bias</c> is of the module before the point.
/// </summary>
static class ModelModules
{
    const string Weight = ".weight";

    /// <summary>What an adapter's configuration means for a model.</summary>
    /// <exception cref="InvalidDataException">It does not fit; the message names the setting and what is there.</exception>
    /// <exception cref="NotSupportedException">It means modules that cannot have terms, or saves one that two share.</exception>
    public static LoraTargets Resolve(LoraConfig config, DecoderModel model, string path)
    {
        var linears = Linears(model).ToList();
        if (linears.Count == 0)
        {
            throw new NotSupportedException($"{path}: the names of its weights are no module paths, such as "
                + $"'model.layers.0.mlp.up_proj.weight', and adapters name modules. The first is '{model.Parameters[0].Name}'. "
                + "Export the model with its modules' names, or train it whole.");
        }

        var known = linears.Select(linear => linear.Name).ToHashSet(StringComparer.Ordinal);
        var targets = LoraTargets.Resolve(
            config, linears, [.. model.Parameters.Select(p => ModuleOf(p.Name)).Distinct().Where(module => !known.Contains(module))]);
        if (targets.Targets.FirstOrDefault(t => t.Module.IsHead) is { } head)
        {
            throw new NotSupportedException($"`TargetModules` chooses '{head.Module.Name}', the output layer: low-rank terms beside it are "
                + "not built. Leave it out, or train it whole (`ModulesToSave`).");
        }

        if (model.Tie is { IsTied: true } tie && targets.SavedModules.Contains(ModuleOf(tie.Embedding)))
        {
            throw new NotSupportedException($"`ModulesToSave` saves '{ModuleOf(tie.Embedding)}', which is the output layer too "
                + "(tie_word_embeddings), and whoever loads the adapter would change one of them. Leave it out.");
        }

        return targets;
    }

    /// <summary>The name of a module's weight.</summary>
    public static string WeightOf(string module) => module + Weight;

    static IEnumerable<LinearModule> Linears(DecoderModel model)
    {
        foreach (var (weight, product) in AdaptedModel.ProductsOf(model).Where(p => p.Weight.EndsWith(Weight, StringComparison.Ordinal)))
        {
            yield return new LinearModule(
                ModuleOf(weight), checked((int)product.InFeatures), checked((int)product.OutFeatures), IsFanInFanOut: product.IsInOut);
        }

        if (model.Tie is { IsTied: false } tie)
        {
            yield return new LinearModule(ModuleOf(tie.Head), model.Sizes.HiddenSize, model.Sizes.VocabSize, IsHead: true);
        }
    }

    static string ModuleOf(string parameter) => parameter[..Math.Max(0, parameter.LastIndexOf('.'))];
}
