using OrtDpo.Safetensors;

namespace OrtDpo.Adapters;

/// <summary>Whether an adapter's file is the adapter of a base that its configuration describes.</summary>
sealed class AdapterCheck(
    AdapterFile file, LoraConfig config, LoraTargets targets, IReadOnlyDictionary<string, long[]> baseShapes)
{
    readonly HashSet<string> saved = targets.SavedModules.ToHashSet(StringComparer.Ordinal);
    readonly Dictionary<string, LoraTarget> adapted = targets.Targets.ToDictionary(t => t.Module.Name, StringComparer.Ordinal);

    string Base => config.BaseModelNameOrPath is { } name ? $"'{name}'" : "another base";

    /// <inheritdoc cref="AdapterFile.Check"/>
    public void Check()
    {
        foreach (var name in file.Tensors.Keys.Order(StringComparer.Ordinal))
        {
            RequireKnown(name);
        }

        foreach (var target in targets.Targets)
        {
            CheckTarget(target);
        }

        foreach (var module in targets.SavedModules)
        {
            CheckSaved(module);
        }
    }

    void RequireKnown(string name)
    {
        var isSaved = saved.Contains(AdapterNames.ModuleOf(name));
        if (AdapterNames.UnbuiltKind(name, isSaved) is { } kind)
        {
            throw new NotSupportedException($"{file.Path}: tensor '{name}' is {kind}, which is not built here. "
                + "Merge the adapter into its base with PEFT (merge_and_unload), and use the merged model.");
        }

        if (AdapterNames.LoraModule(name) is { } module)
        {
            if (!adapted.ContainsKey(module))
            {
                throw Unexpected(name, module);
            }
        }
        else if (name.Contains(".lora_A.", StringComparison.Ordinal) || name.Contains(".lora_B.", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{file.Path}: tensor '{name}' has an adapter's name in its own, which PEFT takes out when it "
                + "saves. Save the adapter with PEFT's save_pretrained.");
        }
        else if (!isSaved)
        {
            throw new InvalidDataException($"{file.Path}: tensor '{name}' is of a module that modules_to_save of {LoraConfig.FileName} "
                + "does not name; PEFT saves such embeddings where the vocabulary grew. Name the module there, or save with "
                + "save_embedding_layers=False.");
        }
    }

    InvalidDataException Unexpected(string name, string module) => targets.Modules.Contains(module)
        ? new($"{file.Path}: tensor '{name}' is of a module that {LoraConfig.FileName} does not choose. "
            + "The two files belong to different adapters: get the folder again.")
        : new($"{file.Path}: tensor '{name}' is of a module that the base does not have. The adapter was made for {Base}: use that base.");

    void CheckTarget(LoraTarget target)
    {
        var module = target.Module;
        var a = Matrix(target.NameOfA);
        var b = Matrix(target.NameOfB);
        if (a.Shape[0] != b.Shape[1])
        {
            throw new InvalidDataException($"{file.Path}: tensors '{target.NameOfA}' {a.ShapeText} and '{target.NameOfB}' {b.ShapeText} "
                + "have different ranks; expected [rank, in] and [out, rank]. Get the file again.");
        }

        if (a.Shape[1] != module.InFeatures || b.Shape[0] != module.OutFeatures)
        {
            throw new InvalidDataException($"{file.Path}: the adapter of '{module.Name}' is for {a.Shape[1]} to {b.Shape[0]} features, and "
                + $"the base has {module.InFeatures} to {module.OutFeatures} there. The adapter was made for {Base}: use that base.");
        }

        if (a.Shape[0] != target.Rank)
        {
            throw new InvalidDataException($"{file.Path}: the adapter of '{module.Name}' has rank {a.Shape[0]}, and {LoraConfig.FileName} "
                + $"says {target.Rank}. The two files belong to different adapters: get the folder again.");
        }
    }

    TensorEntry Matrix(string name)
    {
        var tensor = Find(name, $"target_modules of {LoraConfig.FileName} chooses its module");
        return tensor.Shape.Length == 2
            ? tensor
            : throw new InvalidDataException($"{file.Path}: tensor '{name}' has the shape {tensor.ShapeText}; expected two dimensions, "
                + "since its module is linear. Get the file again.");
    }

    void CheckSaved(string module)
    {
        var parameters = baseShapes.Where(p => AdapterNames.ModuleOf(p.Key) == module).ToDictionary(StringComparer.Ordinal);
        if (parameters.Count == 0)
        {
            throw new NotSupportedException($"{file.Path}: the adapter saves '{module}' whole, and the base has no parameters of its own "
                + "there, but shares another module's. Merge the adapter into its base with PEFT, and use the merged model.");
        }

        foreach (var (name, shape) in parameters)
        {
            var tensor = Find(name, $"modules_to_save of {LoraConfig.FileName} names its module");
            if (!tensor.Shape.SequenceEqual(shape))
            {
                throw new InvalidDataException($"{file.Path}: tensor '{name}' has the shape {tensor.ShapeText}, and the base's "
                    + $"{TensorEntry.Describe(shape)}. The adapter was made for {Base}: use that base.");
            }
        }

        if (file.Tensors.Keys.FirstOrDefault(n => AdapterNames.ModuleOf(n) == module && !parameters.ContainsKey(n)) is { } other)
        {
            throw new InvalidDataException($"{file.Path}: tensor '{other}' is no parameter of the base. The adapter was made for {Base}: "
                + "use that base.");
        }
    }

    TensorEntry Find(string name, string reason)
    {
        if (!file.Tensors.TryGetValue(name, out var tensor))
        {
            throw new InvalidDataException($"{file.Path} lacks the tensor '{name}', though {reason}. Get the adapter's folder again.");
        }

        return WeightTypes.Saved.Values.Contains(tensor.Type)
            ? tensor
            : throw new NotSupportedException($"{file.Path}: tensor '{name}' is {tensor.Type}. Adapters are read in F32, F16 and BF16; "
                + "save it in one of these.");
    }
}
