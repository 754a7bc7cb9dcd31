using OrtDpo.Safetensors;

namespace OrtDpo.Models;

/// <summary>Checks the tensors of a model folder against the parameters that its configuration asks for.</summary>
sealed class WeightChecks(ModelFolder folder, TensorNames names, HeadCheck? head, IEnumerable<TensorEntry> tensors)
{
    /// <summary>The first fault, or null.</summary>
    public Exception? Fault()
    {
        if (tensors.FirstOrDefault(IsOfAdapter) is { } adapter)
        {
            return new NotSupportedException($"{folder.FileOf(adapter.Name)}: tensor '{adapter.Name}' is of an adapter that is not merged "
                + "into its base. Merge it, with PEFT's merge_and_unload() and save_pretrained(…), and give the folder that this writes.");
        }

        if (names.Fault() is { } ambiguous)
        {
            return new InvalidDataException($"{folder.Path}: {ambiguous}");
        }

        var expected = new HashSet<string>();
        foreach (var (name, shape) in folder.Model.Parameters)
        {
            expected.Add(name);
            if (FaultOf(name, shape) is { } fault)
            {
                return fault;
            }
        }

        if (head?.Fault() is { } disagreement)
        {
            return disagreement;
        }

        if (head?.IsRepeated == true)
        {
            expected.Add(folder.Model.Tie!.Head);
        }

        return UnexpectedTensor(expected) is { } extra
            ? new InvalidDataException(
                $"{folder.FileOf(extra.Name)}: tensor '{extra.Name}' {extra.ShapeText} is no parameter "
                + $"of the {folder.Model.Family} model in config.json. Expected only what the configuration describes.")
            : null;
    }

    Exception? FaultOf(string name, long[] shape)
    {
        if (folder.Find(name) is not { } found)
        {
            // The configuration and not the file may be what is wrong.
            return name == folder.Model.Tie?.Head ? head!.Fault() : new InvalidDataException(
                $"{folder.Path}: tensor '{name}' is missing from the safetensors. "
                + $"Expected {TensorEntry.Describe(shape)} by config.json. Fetch the model again.");
        }

        if (!found.Shape.AsSpan().SequenceEqual(shape))
        {
            return new InvalidDataException(
                $"{folder.FileOf(name)}: tensor '{name}' is {found.ShapeText}. "
                + $"Expected {TensorEntry.Describe(shape)} by config.json. Fetch the model again.");
        }

        return found.Type is WeightType.F32 or WeightType.F16 or WeightType.BF16
            ? null
            : new NotSupportedException($"{folder.FileOf(name)}: tensor '{name}' is {found.Type}. Weights may be F32, F16 or BF16.");
    }

    // As PEFT names them: the low-rank matrices, and the matrix that they add to.
    static bool IsOfAdapter(TensorEntry tensor) => tensor.Name.Contains(".lora_", StringComparison.Ordinal)
        || tensor.Name.Contains(".base_layer.", StringComparison.Ordinal);

    TensorEntry? UnexpectedTensor(HashSet<string> expected) =>
        tensors.FirstOrDefault(t => !expected.Contains(names.ParameterOf(t.Name)) && !folder.Model.IsBuffer(t.Name));
}
