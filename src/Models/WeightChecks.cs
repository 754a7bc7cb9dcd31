using OrtDpo.Safetensors;

namespace OrtDpo.Models;

/// <summary>Checks the tensors of a model folder against the parameters that its configuration asks for.</summary>
sealed class WeightChecks(ModelFolder folder, IEnumerable<TensorEntry> tensors)
{
    /// <summary>The first fault, or null.</summary>
    public Exception? Fault()
    {
        if (tensors.GroupBy(t => folder.Model.ParameterName(t.Name)).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            return new InvalidDataException(
                $"{folder.Path}: {string.Join(" and ", twice.Select(t => $"'{t.Name}'"))} are the same parameter. Expected it once.");
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
            return new InvalidDataException(
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

    TensorEntry? UnexpectedTensor(HashSet<string> expected) => tensors.FirstOrDefault(
        t => !expected.Contains(folder.Model.ParameterName(t.Name)) && !folder.Model.IsBuffer(t.Name) && !IsCopy(t));

    // Some savers write the tied head a second time.
    unsafe bool IsCopy(TensorEntry tensor)
    {
        if (folder.Model.CopyOf(tensor.Name) is not { } name || folder.Find(name) is not { } original
            || tensor.Type != original.Type || !tensor.Shape.AsSpan().SequenceEqual(original.Shape))
        {
            return false;
        }

        var a = (byte*)folder.Address(tensor.Name);
        var b = (byte*)folder.Address(name);
        const int Chunk = 1 << 30;
        for (var at = 0L; at < tensor.ByteCount; at += Chunk)
        {
            var count = (int)Math.Min(Chunk, tensor.ByteCount - at);
            if (!new ReadOnlySpan<byte>(a + at, count).SequenceEqual(new ReadOnlySpan<byte>(b + at, count)))
            {
                return false;
            }
        }

        return true;
    }
}
