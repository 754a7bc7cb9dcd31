namespace OrtDpo.Adapters;

/// <summary>PEFT's <c>layers_to_transform</c> and <c>layers_pattern</c>: the layers that are adapted.</summary>
sealed class LayerChoice
{
    // Of `model.layers.3.mlp.experts.0.up` 3: the first number that has two steps before it, since PEFT 0.19.
    const string AnyList = "[^.]*";

    readonly IReadOnlyList<int>? layers;
    readonly List<PythonRegex> patterns;

    public LayerChoice(LoraConfig config)
    {
        layers = config.LayersToTransform is { Count: > 0 } chosen ? chosen : null;
        var where = config.Named(nameof(LoraConfig.LayersPattern));
        patterns = [.. (config.LayersPattern ?? [AnyList]).Select(pattern => PythonRegex.LayerNumber(pattern, where))];
    }

    /// <summary>Whether a module lies in a layer that is chosen; every module where no layers are chosen.</summary>
    public bool Has(string module) => layers is null || (NumberOf(module) is { } layer && layers.Contains(layer));

    /// <exception cref="InvalidDataException">A layer is chosen that no module lies in.</exception>
    public void RequireExist(LoraConfig config, IEnumerable<string> modules)
    {
        if (layers is null)
        {
            return;
        }

        var where = config.Named(nameof(LoraConfig.LayersToTransform));
        var numbers = modules.Select(NumberOf).OfType<int>().Distinct().Order().ToList();
        if (numbers.Count == 0)
        {
            var list = config.LayersPattern is { } names ? $"'{string.Join("' or '", names)}'" : "a list";
            throw new InvalidDataException($"{where} chooses layers, and no module of the model has a layer's number after {list} in its "
                + $"path. Set {Field(config)} to what stands before the number.");
        }

        if (layers.Where(layer => !numbers.Contains(layer)).ToList() is { Count: > 0 } missing)
        {
            var all = numbers[^1] - numbers[0] == numbers.Count - 1 ? $"{numbers[0]} to {numbers[^1]}" : string.Join(", ", numbers);
            throw new InvalidDataException($"{where} names {string.Join(", ", missing)}, and the model's layers are {all}. "
                + "Choose among those, or use the model that the adapter was made for.");
        }
    }

    int? NumberOf(string module) => patterns.Select(pattern => pattern.Layer(module)).FirstOrDefault(layer => layer is not null);

    static string Field(LoraConfig config) =>
        config.Source is null ? $"`{nameof(LoraConfig.LayersPattern)}`" : LoraConfigText.FieldName(nameof(LoraConfig.LayersPattern));
}
