using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Checkpoints;

/// <summary>What holds for every checkpoint, beyond what its file format asks: how its parts belong together.</summary>
static class CheckpointRules
{
    // Of a shape that is read from a file before anything tells whether it is one; models have 4 dimensions at most.
    const int MostDimensions = 64;

    /// <summary>What is wrong, as a sentence that says what to do; null where all is well.</summary>
    public static string? Fault(OnDeviceCheckpoint checkpoint)
    {
        var parameters = new Dictionary<string, TensorSource>(StringComparer.Ordinal);
        foreach (var tensor in checkpoint.Trainable.Concat(checkpoint.Frozen))
        {
            if (!parameters.TryAdd(tensor.Name, tensor))
            {
                return $"two parameters are called '{tensor.Name}'. Give each a name of its own.";
            }

            if (Fault($"parameter '{tensor.Name}'", tensor) is { } fault)
            {
                return fault;
            }
        }

        return checkpoint.Groups.Select(group => Fault(group, checkpoint)).FirstOrDefault(fault => fault is not null)
            ?? Twice(checkpoint.Groups.Select(group => group.Name), "optimizer groups")
            ?? Twice(checkpoint.Properties.Names, "properties");
    }

    static string? Fault(OptimizerGroup group, OnDeviceCheckpoint checkpoint)
    {
        var shapes = checkpoint.Trainable.ToDictionary(t => t.Name, t => t.Shape, StringComparer.Ordinal);
        if (checkpoint.IsNominal)
        {
            return $"optimizer group '{group.Name}' is in a nominal checkpoint, which has no numbers. Leave the group out.";
        }

        if (group.Step < 0)
        {
            return FormattableString.Invariant($"optimizer group '{group.Name}' stands at step {group.Step}. Give 0 or more.");
        }

        if (Twice(group.States.Select(state => state.Parameter), $"states of optimizer group '{group.Name}'") is { } twice)
        {
            return twice;
        }

        foreach (var state in group.States)
        {
            if (!shapes.Remove(state.Parameter, out var shape))
            {
                return $"optimizer group '{group.Name}' has a state of '{state.Parameter}', which does not train. Leave it out.";
            }

            if (Fault(state, shape) is { } fault)
            {
                return fault;
            }
        }

        // ONNX Runtime refuses to go on from a group that lacks one; an empty group counts as none.
        return group.States.Count > 0 && shapes.Keys.FirstOrDefault() is { } missing
            ? $"optimizer group '{group.Name}' has no state of '{missing}', which trains. Give one for every parameter that trains."
            : null;
    }

    static string? Fault(ParameterMoments state, long[] shape)
    {
        foreach (var moment in state.Moments)
        {
            if (moment.Type != WeightType.F32 || !moment.Shape.SequenceEqual(shape))
            {
                return $"'{moment.Name}' of '{state.Parameter}' is {moment.Type} {TensorEntry.Describe(moment.Shape)}; expected F32 "
                    + $"{TensorEntry.Describe(shape)}, as the parameter.";
            }

            if (Fault($"'{moment.Name}' of '{state.Parameter}'", moment) is { } fault)
            {
                return fault;
            }
        }

        return Twice(state.Moments.Select(moment => moment.Name), $"moments of '{state.Parameter}'");
    }

    static string? Fault(string what, TensorSource tensor) =>
        CheckpointType.NumberOf(tensor.Type) is null || tensor.SavedAs != tensor.Type
            ? $"{what} is {tensor.Type}, saved as {tensor.SavedAs}; checkpoints hold F32 (and F64, whole numbers, BOOL), unchanged. "
                + "Widen floats of 16 bits."
        : tensor.Shape.Length > MostDimensions || BytesOf(tensor.Shape, tensor.Type) is null
            ? $"{what} has the shape {TensorEntry.Describe(tensor.Shape.Take(MostDimensions))}, which no tensor has. Give its dimensions."
        : null;

    /// <summary>Bytes of a tensor; null where a dimension is negative or there are no tensors of that size.</summary>
    public static long? BytesOf(IReadOnlyList<long> shape, WeightType type)
    {
        var bytes = (Int128)type.ByteSize();
        foreach (var dimension in shape)
        {
            bytes *= dimension;
            if (dimension < 0 || bytes > long.MaxValue)
            {
                return null;
            }
        }

        return (long)bytes;
    }

    static string? Twice(IEnumerable<string> names, string what)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return names.FirstOrDefault(name => !seen.Add(name)) is { } twice
            ? $"two {what} are called '{twice}'. Give each a name of its own."
            : null;
    }
}
