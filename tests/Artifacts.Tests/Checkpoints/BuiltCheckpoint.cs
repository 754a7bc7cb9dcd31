using Google.FlatBuffers;
using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Tests.Checkpoints;

/// <summary>
/// A checkpoint as FlatBuffers' builder makes it, from its end: tables that share their lists of places, names that are shared, numbers
/// that are at no multiple of more than 4, defaults that are written, documentation strings, and the parts in another order than ours.
/// </summary>
static class BuiltCheckpoint
{
    /// <summary>The bytes of the file.</summary>
    public static byte[] Of(OnDeviceCheckpoint checkpoint)
    {
        var builder = new FlatBufferBuilder(1) { ForceDefaults = true };
        // The root's children are made last first: properties before the groups, these before the parameters.
        var frozen = Vector(builder, checkpoint.Frozen, Tensor);
        var trainable = Vector(builder, checkpoint.Trainable, Tensor);
        builder.StartTable(4);
        builder.AddBool(CheckpointSchema.ModuleState.HasExternalData, false, false);
        builder.AddBool(CheckpointSchema.ModuleState.IsNominalState, false, false);
        builder.AddOffset(CheckpointSchema.ModuleState.FrozenParams, frozen, 0);
        builder.AddOffset(CheckpointSchema.ModuleState.RequiresGradParams, trainable, 0);
        var state = builder.EndTable();
        var groups = Vector(builder, checkpoint.Groups, Group);
        var properties = Properties(builder, checkpoint.Properties);
        builder.StartTable(4);
        builder.AddOffset(CheckpointSchema.Checkpoint.PropertyBag, properties, 0);
        builder.AddOffset(CheckpointSchema.Checkpoint.OptimizerGroups, groups, 0);
        builder.AddOffset(CheckpointSchema.Checkpoint.ModuleState, state, 0);
        builder.AddInt(CheckpointSchema.Checkpoint.Version, CheckpointSchema.Version, 0);
        builder.Finish(builder.EndTable(), "ODTC");
        return builder.SizedByteArray();
    }

    static int Properties(FlatBufferBuilder builder, PropertyBag bag)
    {
        var strings = Vector(builder, [.. bag.Strings], (b, entry) =>
        {
            var (value, name) = (b.CreateString(entry.Value).Value, b.CreateSharedString(entry.Key).Value);
            return Property(b, name, () => b.AddOffset(CheckpointSchema.Property.Value, value, 0));
        });
        var floats = Vector(builder, [.. bag.Floats], (b, entry) => Property(
            b, b.CreateSharedString(entry.Key).Value, () => b.AddFloat(CheckpointSchema.Property.Value, entry.Value, 0)));
        var ints = Vector(builder, [.. bag.Ints], (b, entry) => Property(
            b, b.CreateSharedString(entry.Key).Value, () => b.AddLong(CheckpointSchema.Property.Value, entry.Value, 0)));
        builder.StartTable(3);
        builder.AddOffset(CheckpointSchema.PropertyBag.Ints, ints, 0);
        builder.AddOffset(CheckpointSchema.PropertyBag.Floats, floats, 0);
        builder.AddOffset(CheckpointSchema.PropertyBag.Strings, strings, 0);
        return builder.EndTable();
    }

    static int Property(FlatBufferBuilder builder, int name, Action addValue)
    {
        builder.StartTable(2);
        builder.AddOffset(CheckpointSchema.Property.Name, name, 0);
        addValue();
        return builder.EndTable();
    }

    static int Group(FlatBufferBuilder builder, OptimizerGroup group)
    {
        var name = builder.CreateSharedString(group.Name).Value;
        var states = Vector(builder, group.States, (b, state) =>
        {
            var moments = Vector(b, state.Moments, Tensor);
            var parameter = b.CreateSharedString(state.Parameter).Value;
            b.StartTable(2);
            b.AddOffset(CheckpointSchema.ParameterOptimizerState.Momentums, moments, 0);
            b.AddOffset(CheckpointSchema.ParameterOptimizerState.ParamName, parameter, 0);
            return b.EndTable();
        });
        builder.StartTable(4);
        builder.AddFloat(CheckpointSchema.OptimizerGroup.InitialLearningRate, group.InitialLearningRate, 0);
        builder.AddOffset(CheckpointSchema.OptimizerGroup.OptimizerStates, states, 0);
        builder.AddOffset(CheckpointSchema.OptimizerGroup.GroupName, name, 0);
        builder.AddLong(CheckpointSchema.OptimizerGroup.Step, group.Step, 0);
        return builder.EndTable();
    }

    static int Tensor(FlatBufferBuilder builder, TensorSource tensor)
    {
        var name = builder.CreateSharedString(tensor.Name).Value;
        var documentation = builder.CreateSharedString("of a layer").Value;
        builder.StartVector(sizeof(long), tensor.Shape.Length, sizeof(long));
        foreach (var dimension in tensor.Shape.Reverse())
        {
            builder.AddLong(dimension);
        }

        var dims = builder.EndVector().Value;
        var bytes = SampleCheckpoint.Read(tensor);
        builder.StartVector(1, bytes.Length, 1);
        if (bytes.Length > 0)
        {
            builder.Put(bytes);
        }

        var data = builder.EndVector().Value;
        builder.StartTable(7);
        builder.AddLong(CheckpointSchema.Tensor.ExternalDataOffset, -1, -1);
        builder.AddOffset(CheckpointSchema.Tensor.RawData, data, 0);
        builder.AddInt(CheckpointSchema.Tensor.DataType, CheckpointType.NumberOf(tensor.Type)!.Value, 0);
        builder.AddOffset(CheckpointSchema.Tensor.Dims, dims, 0);
        builder.AddOffset(CheckpointSchema.Tensor.DocString, documentation, 0);
        builder.AddOffset(CheckpointSchema.Tensor.Name, name, 0);
        return builder.EndTable();
    }

    static int Vector<T>(FlatBufferBuilder builder, IReadOnlyList<T> items, Func<FlatBufferBuilder, T, int> make)
    {
        int[] made = [.. items.Reverse().Select(item => make(builder, item))];
        builder.StartVector(sizeof(int), made.Length, sizeof(int));
        foreach (var offset in made)
        {
            builder.AddOffset(offset);
        }

        return builder.EndVector().Value;
    }
}
