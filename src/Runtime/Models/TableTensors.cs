using OrtDpo.Autodiff.Building;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Models;

/// <summary>A model's tables as tensors.</summary>
static class TableTensors
{
    /// <summary>Makes them, by name, in the type that <paramref name="casts"/> leads to.</summary>
    public static Dictionary<string, DeviceTensor> Of(DecoderModel model, ComputeCast casts, MemoryPool pool) =>
        model.Tables().ToDictionary(
            table => table.Name, table => casts.ToCompute(Of(table, pool), MemoryPurpose.Staging, pool), StringComparer.Ordinal);

    static DeviceTensor Of(ModelTable table, MemoryPool pool)
    {
        var shape = table.Shape.Evaluate(new Dictionary<string, long>());
        var tensor = DeviceTensor.Rent(pool, DataType.Float32, shape);
        // In parts: tables of long contexts are tens of megabytes.
        var done = 0;
        foreach (var part in pool.IsDry ? [] : table.Values.Chunk(1 << 16))
        {
            using var target = tensor.Flat(done, part.Length);
            target.Write<float>(Array.ConvertAll(part, value => (float)value));
            done += part.Length;
        }

        return tensor;
    }
}
