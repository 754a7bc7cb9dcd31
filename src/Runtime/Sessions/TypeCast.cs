using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Sessions;

/// <summary>Copies tensors of a device into another type there, in slices, since a session needs nothing beside its operands.</summary>
/// <param name="from">The type of what is copied.</param>
/// <param name="to">The type of the copy.</param>
public sealed class TypeCast(DataType from, DataType to) : IDisposable
{
    const long Slice = 64 << 20;
    const string Source = "source", Target = "target";

    readonly GraphSession session = new(Graph(from, to), MemoryPurpose.Staging);

    /// <summary>Writes the elements into a tensor of as many.</summary>
    public void Run(DeviceTensor source, DeviceTensor target, MemoryPool pool)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Elements, source.Elements);
        foreach (var (start, length) in Slices.Of(source.Elements, Slice))
        {
            using var part = source.Flat(start, length);
            using var copy = target.Flat(start, length);
            session.Run(
                new Dictionary<string, DeviceTensor>(StringComparer.Ordinal) { [Source] = part }, pool,
                new Dictionary<string, DeviceTensor>(StringComparer.Ordinal) { [Target] = copy });
        }
    }

    /// <summary>A copy in memory of its own.</summary>
    public DeviceTensor Copy(DeviceTensor source, MemoryPurpose purpose, MemoryPool pool)
    {
        var target = DeviceTensor.Rent(pool, purpose, to, source.Shape);
        Run(source, target, pool);
        return target;
    }

    public void Dispose() => session.Dispose();

    static OnnxGraph Graph(DataType from, DataType to)
    {
        var b = new GraphBuilder("cast");
        return b.Build([(Target, b.Cast(b.Input(Source, from, new Shape("N")), to))]);
    }
}
