using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Safetensors;
using OrtDpo.Train.Tests.Engine;

namespace OrtDpo.CudaEngine.Tests.Fragments;

/// <summary>The models that are counted, and the batch.</summary>
static class FragmentModel
{
    public const string Trained = "trained", AsIs = "as-is";

    /// <summary>Opens a family's tiny model: all of it trains, or it is frozen in a form under an adapter.</summary>
    public static ModelFolder Open(string family, string weights)
    {
        var path = Repository.Find("tests", "golden", "families", family);
        var folder = weights == Trained ? ModelFolder.Open(path, WeightMapping.CopyOnWrite) : AdaptedFolder.Open(path, weights);
        folder.FixMaxLength(folder.Model.Sizes.MaxPositions);
        return folder;
    }

    /// <summary>Two pairs in two rows of 20 tokens: more than the 16 queries that a chunk of attention has at least.</summary>
    public static PackedBatch Batch(BatchLayout layout)
    {
        return ExamplePacking.Pack([Pair(1), Pair(2)], layout);

        static Example Pair(int first) => Example.Pair(Tokens(first, 6), Tokens(first + 6, 8), Tokens(first + 14, 6));

        static int[] Tokens(int first, int count) => [.. Enumerable.Range(first, count)];
    }
}
