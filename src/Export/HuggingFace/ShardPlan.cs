using System.Globalization;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.HuggingFace;

/// <summary>Which file of a model folder holds which tensor, as Transformers shards a model that it saves.</summary>
/// <param name="Files">Each file's name and its tensors.</param>
/// <param name="TotalBytes">Bytes of all tensors.</param>
sealed record ShardPlan(IReadOnlyList<(string Name, IReadOnlyList<TensorSource> Tensors)> Files, long TotalBytes)
{
    /// <summary>What a file's tensors may take, 5 GB; one that is larger has a file for itself.</summary>
    public const long LargestShard = 5_000_000_000;

    /// <summary>Fills one file after the other.</summary>
    /// <param name="tensors">The tensors, in the order of the forward pass.</param>
    /// <param name="largest">What a file's tensors may take, in bytes.</param>
    public static ShardPlan Of(IReadOnlyList<TensorSource> tensors, long largest = LargestShard)
    {
        var shards = new List<List<TensorSource>>();
        var size = 0L;
        foreach (var tensor in tensors)
        {
            if (shards.Count == 0 || size + tensor.ByteCount > largest)
            {
                shards.Add([]);
                size = 0;
            }

            shards[^1].Add(tensor);
            size += tensor.ByteCount;
        }

        return new ShardPlan(
            [.. shards.Select((shard, i) => (NameOf(i, shards.Count), (IReadOnlyList<TensorSource>)shard))],
            tensors.Sum(tensor => tensor.ByteCount));
    }

    static string NameOf(int index, int count) => count == 1
        ? ShardedWeights.SingleFile
        : string.Create(CultureInfo.InvariantCulture, $"model-{index + 1:00000}-of-{count:00000}.safetensors");
}
