using System.Globalization;
using OrtDpo.Linked.FlatBuffers;
using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Checkpoints;

/// <summary>Reads the tables of a checkpoint, each offset checked where it is followed.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="file">Its bytes.</param>
/// <param name="address">The address of the first.</param>
/// <param name="data">The file of the tensors that are not in it; null: all are.</param>
sealed class CheckpointReader(string path, FlatFile file, nint address, MappedBytes? data)
{
    bool isNominal;
    int tables;

    /// <summary>Whether the file says that it has tensors in another.</summary>
    public static bool HasExternalData((FlatFile File, FlatTable Table) root) =>
        State(root.File, root.Table).Boolean(CheckpointSchema.ModuleState.HasExternalData);

    /// <summary>What the file holds.</summary>
    /// <exception cref="InvalidDataException">It is damaged; the message says where.</exception>
    /// <exception cref="NotSupportedException">A tensor is of a type that is not read here.</exception>
    public OnDeviceCheckpoint Read(FlatTable root)
    {
        var state = State(file, root);
        isNominal = state.Boolean(CheckpointSchema.ModuleState.IsNominalState);
        return new OnDeviceCheckpoint(
            [.. Tables(state.Target(CheckpointSchema.ModuleState.RequiresGradParams)).Select(Tensor)],
            [.. Tables(state.Target(CheckpointSchema.ModuleState.FrozenParams)).Select(Tensor)])
        {
            Groups = [.. Tables(root.TargetOrNone(CheckpointSchema.Checkpoint.OptimizerGroups)).Select(Group)],
            Properties = Properties(root.TargetOrNone(CheckpointSchema.Checkpoint.PropertyBag)),
            IsNominal = isNominal,
        };
    }

    static FlatTable State(FlatFile file, FlatTable root) => new(file, root.Target(CheckpointSchema.Checkpoint.ModuleState));

    OptimizerGroup Group(FlatTable table) => new(
        file.Text(table.Target(CheckpointSchema.OptimizerGroup.GroupName)),
        table.Int64(CheckpointSchema.OptimizerGroup.Step),
        table.Single(CheckpointSchema.OptimizerGroup.InitialLearningRate),
        [.. Tables(table.Target(CheckpointSchema.OptimizerGroup.OptimizerStates)).Select(Moments)]);

    ParameterMoments Moments(FlatTable table) => new(
        file.Text(table.Target(CheckpointSchema.ParameterOptimizerState.ParamName)),
        [.. Tables(table.Target(CheckpointSchema.ParameterOptimizerState.Momentums)).Select(Tensor)]);

    PropertyBag Properties(long? at)
    {
        if (at is null)
        {
            return PropertyBag.Empty;
        }

        var bag = new FlatTable(file, at.Value);
        return new PropertyBag
        {
            Ints = Named(bag, CheckpointSchema.PropertyBag.Ints, entry => entry.Int64(CheckpointSchema.Property.Value)),
            Floats = Named(bag, CheckpointSchema.PropertyBag.Floats, entry => entry.Single(CheckpointSchema.Property.Value)),
            Strings = Named(bag, CheckpointSchema.PropertyBag.Strings, entry => file.Text(entry.Target(CheckpointSchema.Property.Value))),
        };
    }

    Dictionary<string, T> Named<T>(FlatTable bag, int field, Func<FlatTable, T> value)
    {
        var named = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var entry in Tables(bag.TargetOrNone(field)))
        {
            var name = file.Text(entry.Target(CheckpointSchema.Property.Name));
            if (!named.TryAdd(name, value(entry)))
            {
                throw Damaged($"two properties are called '{name}'");
            }
        }

        return named;
    }

    TensorSource Tensor(FlatTable table)
    {
        var name = file.Text(table.Target(CheckpointSchema.Tensor.Name));
        if (table.TargetOrNone(CheckpointSchema.Tensor.DocString) is { } doc)
        {
            // Nobody reads it; ONNX Runtime's verifier looks at it all the same.
            file.Text(doc);
        }

        if (table.TargetOrNone(CheckpointSchema.Tensor.StringData) is not null)
        {
            throw Damaged($"tensor '{name}' holds texts");
        }

        var number = table.Int32(CheckpointSchema.Tensor.DataType);
        var type = CheckpointType.Of(number) ?? throw new NotSupportedException(string.Create(
            CultureInfo.InvariantCulture,
            $"{path}: tensor '{name}' has ONNX's element type {number}; expected {CheckpointType.Expected}."));
        var shape = file.Int64s(table.Target(CheckpointSchema.Tensor.Dims));
        var raw = table.TargetOrNone(CheckpointSchema.Tensor.RawData);
        var offset = table.Int64(CheckpointSchema.Tensor.ExternalDataOffset, missing: -1);
        return offset >= 0 && raw is null ? Beside(name, type, shape, offset)
            : raw is not { } at ? throw Damaged($"tensor '{name}' is neither in it nor beside it")
            : offset >= 0 ? throw Damaged($"tensor '{name}' is both in it and beside it")
            : Inside(name, type, shape, file.Vector(at, 1));
    }

    TensorSource Inside(string name, WeightType type, long[] shape, (long Start, int Count) bytes)
    {
        if (isNominal)
        {
            TensorReader refuse = (_, _) => throw new InvalidOperationException(
                $"{path} is nominal: it has the name of '{name}' and no numbers.");
            return bytes.Count == 0 && shape.Length == 0
                ? new TensorSource(name, type, shape, Address: 0) { Reader = refuse }
                : throw Damaged($"it says that it is nominal, and tensor '{name}' has dimensions or numbers");
        }

        return CheckpointRules.BytesOf(shape, type) == bytes.Count
            ? new TensorSource(name, type, shape, address + (nint)bytes.Start)
            : throw Damaged(string.Create(
                CultureInfo.InvariantCulture, $"tensor '{name}' {TensorEntry.Describe(shape)} of {type} holds {bytes.Count} bytes"));
    }

    TensorSource Beside(string name, WeightType type, long[] shape, long offset)
    {
        var length = data?.Length ?? throw Damaged($"tensor '{name}' is beside it, and it says that none is");
        return CheckpointRules.BytesOf(shape, type) is { } bytes && offset <= length && bytes <= length - offset
            ? new TensorSource(name, type, shape, data.Address + (nint)offset)
            : throw Damaged(string.Create(
                CultureInfo.InvariantCulture,
                $"tensor '{name}' {TensorEntry.Describe(shape)} of {type} begins at byte {offset} of "
                + $"{path}{CheckpointSchema.DataSuffix}, which has {length} bytes"));
    }

    IEnumerable<FlatTable> Tables(long? at) => at is null ? [] : file.Tables(at.Value).Select(Counted);

    FlatTable Counted(FlatTable table) => ++tables <= CheckpointSchema.MostTables
        ? table
        : throw Damaged(string.Create(CultureInfo.InvariantCulture, $"it has more than {CheckpointSchema.MostTables} tables"));

    InvalidDataException Damaged(string what) => new($"{path} is damaged: {what}. Get the file again.");
}
