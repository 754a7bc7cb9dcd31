namespace OrtDpo.Adapters;

/// <summary>Which modules of a model <c>target_modules</c> chooses, after <c>exclude_modules</c> and <c>layers_to_transform</c>.</summary>
sealed class TargetChoice
{
    readonly LoraConfig config;
    readonly IReadOnlyList<LinearModule> linears;
    readonly string[] modules;
    readonly LayerChoice layers;
    readonly string where;

    public TargetChoice(LoraConfig config, IReadOnlyList<LinearModule> linears, string[] modules)
    {
        this.config = config;
        this.linears = linears;
        this.modules = modules;
        layers = new LayerChoice(config);
        where = config.Named(nameof(LoraConfig.TargetModules));
    }

    /// <summary>The paths; at least one.</summary>
    /// <exception cref="InvalidDataException">Nothing is chosen, or a part of a setting matches nothing.</exception>
    public IReadOnlySet<string> Chosen()
    {
        var named = Named();
        layers.RequireExist(config, modules);
        // A whole path counts in whatever layer it lies.
        var inLayers = named.Where(module => IsWholePath(module) || layers.Has(module)).ToList();
        var excluded = Excluded();
        var chosen = inLayers.Where(module => !excluded.Contains(module)).ToHashSet(StringComparer.Ordinal);
        if (chosen.Count == 0)
        {
            var cause = inLayers.Count == 0 ? nameof(LoraConfig.LayersToTransform) : nameof(LoraConfig.ExcludeModules);
            throw new InvalidDataException($"{config.Named(cause)} leaves out every module that the targets choose: "
                + $"{ModulePaths.Quoted(named)}. Choose others, or leave out less.");
        }

        return chosen;
    }

    List<string> Named()
    {
        switch (config.TargetModules)
        {
            case ModuleChoice.Names names:
                RequireEach(names.Entries);
                return [.. modules.Where(module => names.Entries.Any(entry => ModulePaths.IsOrEndsWith(module, entry)))];
            case ModuleChoice.Pattern pattern:
                var regex = PythonRegex.Whole(pattern.Expression, where);
                return modules.Where(regex.IsMatch).ToList() is { Count: > 0 } matched
                    ? matched
                    : throw new InvalidDataException($"{where} is the regular expression '{pattern.Expression}', and no module of the "
                        + $"model matches it from beginning to end. {Existing()}");
            default:
                return linears.Where(linear => !linear.IsHead).Select(linear => linear.Name).ToList() is { Count: > 0 } all
                    ? all
                    : throw new InvalidDataException($"{where} is all-linear, and the model has no linear module but its output layer.");
        }
    }

    void RequireEach(IReadOnlyList<string> entries)
    {
        if (entries.Count == 0)
        {
            throw new InvalidDataException($"{where} is empty. {Existing()}");
        }

        if (entries.Where(entry => !modules.Any(module => ModulePaths.IsOrEndsWith(module, entry))).ToList() is { Count: > 0 } unmatched)
        {
            throw new InvalidDataException($"{where} names {ModulePaths.Quoted(unmatched)}, and no module of the model is called so. "
                + Existing());
        }
    }

    HashSet<string> Excluded()
    {
        var setting = config.Named(nameof(LoraConfig.ExcludeModules));
        switch (config.ExcludeModules)
        {
            case ModuleChoice.Names names:
                if (names.Entries.FirstOrDefault(e => !modules.Any(module => ModulePaths.IsOrEndsWith(module, e))) is { } unmatched)
                {
                    throw new InvalidDataException(
                        $"{setting} names '{unmatched}', and no module of the model is called so: it would exclude nothing. {Existing()}");
                }

                return modules.Where(module => names.Entries.Any(e => ModulePaths.IsOrEndsWith(module, e)))
                    .ToHashSet(StringComparer.Ordinal);
            case ModuleChoice.Pattern pattern:
                var regex = PythonRegex.Whole(pattern.Expression, setting);
                return modules.Where(regex.IsMatch).ToHashSet(StringComparer.Ordinal) is { Count: > 0 } matched
                    ? matched
                    : throw new InvalidDataException($"{setting} is the regular expression '{pattern.Expression}', which excludes nothing: "
                        + "no module of the model matches it from beginning to end. Correct or remove it.");
            default:
                return [];
        }
    }

    bool IsWholePath(string module) => config.TargetModules is ModuleChoice.Names names && names.Entries.Contains(module);

    string Existing() => $"The model's linear modules end in {ModulePaths.LastSteps(linears.Select(linear => linear.Name))}.";
}
