namespace OrtDpo.Adapters;

/// <summary>
/// Which modules of a model are meant: PEFT's <c>target_modules</c> and <c>exclude_modules</c>. Matched as PEFT does
/// (<c>check_target_module_exists</c> of its tuners).
/// </summary>
public abstract record ModuleChoice
{
    ModuleChoice()
    {
    }

    /// <summary>Every linear module but the output layer; PEFT's <c>all-linear</c>.</summary>
    public static ModuleChoice AllLinear { get; } = new EveryLinear();

    /// <summary>Modules by their names.</summary>
    /// <param name="Entries">
    /// At least one; each is a module's path, such as <c>model.layers.0.mlp.up_proj</c>, or what is left of paths after a dot, such as
    /// <c>up_proj</c>.
    /// </param>
    public sealed record Names(IReadOnlyList<string> Entries) : ModuleChoice;

    /// <summary>Modules by a pattern.</summary>
    /// <param name="Expression">A regular expression of Python's <c>re</c>, which the whole path of a module must match.</param>
    public sealed record Pattern(string Expression) : ModuleChoice;

    sealed record EveryLinear : ModuleChoice;
}
