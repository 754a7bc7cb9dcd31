namespace OrtDpo.Adapters;

/// <summary>What an adapter's configuration means for one model: which modules are adapted, how, and which are saved whole.</summary>
public sealed class LoraTargets
{
    LoraTargets(IReadOnlyList<LoraTarget> targets, IReadOnlyList<string> savedModules, IReadOnlySet<string> modules)
    {
        Targets = targets;
        SavedModules = savedModules;
        Modules = modules;
    }

    /// <summary>The modules that are adapted, in the order of the model's linear modules; at least one.</summary>
    public IReadOnlyList<LoraTarget> Targets { get; }

    /// <summary>
    /// The modules that <see cref="LoraConfig.ModulesToSave"/> means, in the model's order: those with parameters of their own.
    /// </summary>
    public IReadOnlyList<string> SavedModules { get; }

    /// <summary>All modules of the model, for messages.</summary>
    internal IReadOnlySet<string> Modules { get; }

    /// <summary>
    /// Finds the modules as PEFT does (<c>check_target_module_exists</c>, <c>get_pattern_key</c>), and refuses what PEFT passes over: an
    /// entry, a pattern or a layer that the model has nothing for.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <param name="linears">The model's linear modules, in its order.</param>
    /// <param name="others">The paths of its other modules that have parameters: embeddings, norms.</param>
    /// <exception cref="InvalidDataException">The configuration does not fit the model; the message names the setting and what is
    /// there.</exception>
    /// <exception cref="NotSupportedException">A target is no linear module.</exception>
    public static LoraTargets Resolve(LoraConfig config, IReadOnlyList<LinearModule> linears, IReadOnlyList<string> others)
    {
        config.RequireConsistent();
        string[] modules = [.. linears.Select(linear => linear.Name), .. others];
        var chosen = new TargetChoice(config, linears, modules).Chosen();
        if (chosen.Intersect(others).ToList() is { Count: > 0 } unbuilt)
        {
            throw new NotSupportedException(
                $"{config.Named(nameof(LoraConfig.TargetModules))} chooses {ModulePaths.Quoted(unbuilt)}, which is no linear module: "
                    + "adapters of embeddings, norms and the like are not built. Choose linear modules only, or exclude the rest.");
        }

        var saved = Saved(config, modules);
        if (chosen.Intersect(saved).ToList() is { Count: > 0 } both)
        {
            throw new InvalidDataException(
                $"{config.Named(nameof(LoraConfig.ModulesToSave))} saves {ModulePaths.Quoted(both)} whole, which is adapted, too. "
                + "Take the module out of one of the two.");
        }

        var ranks = new PathPatterns<int>(config.RankPattern, config.Named(nameof(LoraConfig.RankPattern)), chosen);
        var alphas = new PathPatterns<double>(config.AlphaPattern, config.Named(nameof(LoraConfig.AlphaPattern)), chosen);
        var targets = linears.Where(linear => chosen.Contains(linear.Name)).Select(linear =>
        {
            var rank = ranks.Of(linear.Name) ?? config.Rank;
            var alpha = alphas.Of(linear.Name) ?? config.Alpha;
            return new LoraTarget(linear, rank, alpha, config.Scale(rank, alpha));
        });
        return new LoraTargets([.. targets], saved, modules.ToHashSet(StringComparer.Ordinal));
    }

    // PEFT looks at the end of the text alone, and saves what lies below a module with it.
    static List<string> Saved(LoraConfig config, string[] modules)
    {
        foreach (var entry in config.ModulesToSave)
        {
            if (!modules.Any(module => IsSaved(module, entry)))
            {
                throw new InvalidDataException($"{config.Named(nameof(LoraConfig.ModulesToSave))} names '{entry}', and no module of the "
                    + $"model ends so. Its modules end in {ModulePaths.LastSteps(modules)}.");
            }
        }

        return [.. modules.Where(module => config.ModulesToSave.Any(entry => IsSaved(module, entry)))];
    }

    static bool IsSaved(string module, string entry) =>
        ModulePaths.Upwards(module).Any(path => path.EndsWith(entry, StringComparison.Ordinal));
}
