using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Checkpoints;

/// <summary>The tables of a checkpoint, and where its tensors come to stand: behind them, or in a file of their own.</summary>
sealed class CheckpointLayout
{
    readonly FlatLayout layout = new(CheckpointSchema.Identifier);
    readonly List<(int Slot, TensorSource Tensor)> inline = [];
    readonly List<(long At, TensorSource Tensor)> placed = [];
    readonly bool isExternal;
    readonly int alignment;
    long dataEnd;

    /// <param name="checkpoint">What is laid out; its parts fit together.</param>
    /// <param name="isExternal">Whether the tensors are in a file of their own.</param>
    /// <param name="alignment">Of what the place of a tensor's first byte is a multiple.</param>
    public CheckpointLayout(OnDeviceCheckpoint checkpoint, bool isExternal, int alignment)
    {
        this.isExternal = isExternal;
        this.alignment = alignment;
        var root = layout.Table(
            FlatLayout.RootSlot,
            [
                FlatField.Of(CheckpointSchema.Checkpoint.Version, CheckpointSchema.Version),
                FlatField.Offset(CheckpointSchema.Checkpoint.ModuleState),
                FlatField.Offset(CheckpointSchema.Checkpoint.OptimizerGroups),
                FlatField.Offset(CheckpointSchema.Checkpoint.PropertyBag),
            ]);
        ModuleState(root[1], checkpoint);
        Groups(root[2], checkpoint.Groups);
        Properties(root[3], checkpoint.Properties);
        FileBytes = isExternal ? layout.Bytes.Length : PlaceInline();
    }

    /// <summary>The tables: the beginning of the file, or all of it.</summary>
    public ReadOnlySpan<byte> Tables => layout.Bytes;

    /// <summary>
    /// The tensors in their order: where the count of a tensor's bytes stands in the file, or its first byte in the file of the tensors.
    /// </summary>
    public IReadOnlyList<(long At, TensorSource Tensor)> Tensors => placed;

    /// <summary>Bytes of the file that has the tables; larger than there can be where its tensors do not fit.</summary>
    public long FileBytes { get; }

    void ModuleState(int slot, OnDeviceCheckpoint checkpoint)
    {
        var state = layout.Table(
            slot,
            [
                FlatField.Offset(CheckpointSchema.ModuleState.RequiresGradParams),
                FlatField.Offset(CheckpointSchema.ModuleState.FrozenParams),
                FlatField.Of(CheckpointSchema.ModuleState.IsNominalState, checkpoint.IsNominal),
                FlatField.Of(CheckpointSchema.ModuleState.HasExternalData, isExternal),
            ]);
        Each(state[0], checkpoint.Trainable, (at, tensor) => Parameter(at, tensor, checkpoint.IsNominal));
        Each(state[1], checkpoint.Frozen, (at, tensor) => Parameter(at, tensor, checkpoint.IsNominal));
    }

    void Parameter(int slot, TensorSource tensor, bool isNominal)
    {
        if (isNominal)
        {
            Nominal(slot, tensor);
        }
        else
        {
            Tensor(slot, tensor);
        }
    }

    void Groups(int slot, IReadOnlyList<OptimizerGroup> groups) => Each(slot, groups, (at, group) =>
    {
        var fields = layout.Table(
            at,
            [
                FlatField.Offset(CheckpointSchema.OptimizerGroup.GroupName),
                FlatField.Of(CheckpointSchema.OptimizerGroup.Step, group.Step),
                FlatField.Of(CheckpointSchema.OptimizerGroup.InitialLearningRate, group.InitialLearningRate),
                FlatField.Offset(CheckpointSchema.OptimizerGroup.OptimizerStates),
            ]);
        layout.Text(fields[0], group.Name);
        Each(fields[3], group.States, (stateAt, state) =>
        {
            var places = layout.Table(
                stateAt,
                [
                    FlatField.Offset(CheckpointSchema.ParameterOptimizerState.ParamName),
                    FlatField.Offset(CheckpointSchema.ParameterOptimizerState.Momentums),
                ]);
            layout.Text(places[0], state.Parameter);
            Each(places[1], state.Moments, Tensor);
        });
    });

    void Properties(int slot, PropertyBag bag)
    {
        var kinds = layout.Table(
            slot,
            [
                FlatField.Offset(CheckpointSchema.PropertyBag.Ints),
                FlatField.Offset(CheckpointSchema.PropertyBag.Floats),
                FlatField.Offset(CheckpointSchema.PropertyBag.Strings),
            ]);
        Each(kinds[0], [.. bag.Ints], (at, entry) => Property(at, entry.Key, FlatField.Of(CheckpointSchema.Property.Value, entry.Value)));
        Each(kinds[1], [.. bag.Floats], (at, entry) => Property(at, entry.Key, FlatField.Of(CheckpointSchema.Property.Value, entry.Value)));
        Each(kinds[2], [.. bag.Strings], (at, entry) =>
            layout.Text(Property(at, entry.Key, FlatField.Offset(CheckpointSchema.Property.Value)), entry.Value));
    }

    int Property(int slot, string name, FlatField value)
    {
        var places = layout.Table(slot, [FlatField.Offset(CheckpointSchema.Property.Name), value]);
        layout.Text(places[0], name);
        return places[1];
    }

    void Tensor(int slot, TensorSource tensor)
    {
        var places = layout.Table(
            slot,
            [
                FlatField.Offset(CheckpointSchema.Tensor.Name),
                FlatField.Offset(CheckpointSchema.Tensor.Dims),
                FlatField.Of(CheckpointSchema.Tensor.DataType, CheckpointType.NumberOf(tensor.Type)!.Value),
                isExternal
                    ? FlatField.Of(CheckpointSchema.Tensor.ExternalDataOffset, PlaceBeside(tensor))
                    : FlatField.Offset(CheckpointSchema.Tensor.RawData),
            ]);
        layout.Text(places[0], tensor.Name);
        layout.Int64s(places[1], tensor.Shape);
        if (!isExternal)
        {
            inline.Add((places[3], tensor));
        }
    }

    // As ONNX Runtime writes it: no dimensions, and data that is there and empty.
    void Nominal(int slot, TensorSource tensor)
    {
        var places = layout.Table(
            slot,
            [
                FlatField.Offset(CheckpointSchema.Tensor.Name),
                FlatField.Offset(CheckpointSchema.Tensor.Dims),
                FlatField.Of(CheckpointSchema.Tensor.DataType, CheckpointType.NumberOf(tensor.Type)!.Value),
                FlatField.Offset(CheckpointSchema.Tensor.RawData),
            ]);
        layout.Text(places[0], tensor.Name);
        layout.Int64s(places[1], []);
        layout.Offsets(places[3], 0);
    }

    void Each<T>(int slot, IReadOnlyList<T> items, Action<int, T> write)
    {
        var at = layout.Offsets(slot, items.Count);
        foreach (var item in items)
        {
            write(at, item);
            at += sizeof(int);
        }
    }

    long PlaceBeside(TensorSource tensor)
    {
        var at = Aligned(dataEnd);
        placed.Add((at, tensor));
        dataEnd = at + tensor.ByteCount;
        return at;
    }

    // Behind the tables, the count of bytes right before each tensor's aligned first one.
    long PlaceInline()
    {
        long end = layout.Bytes.Length;
        foreach (var (slot, tensor) in inline)
        {
            var at = Aligned(end + sizeof(int)) - sizeof(int);
            end = at + sizeof(int) + tensor.ByteCount;
            if (end > CheckpointSchema.LargestFile)
            {
                // No offset reaches so far; how large the file would be is still told.
                continue;
            }

            layout.Refer(slot, at);
            placed.Add((at, tensor));
        }

        return end;
    }

    long Aligned(long place) => (place + alignment - 1) / alignment * alignment;
}
