using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>Models under a new adapter, the same each time, on every linear weight of their layers.</summary>
static class AdaptedFolder
{
    const double Scale = 2;
    const ulong Seed = 5;

    /// <summary>Opens a model so.</summary>
    /// <param name="path">The model's folder.</param>
    /// <param name="weights">How its weights are held, by the name of <see cref="BaseWeights"/>.</param>
    /// <param name="rank">The adapter's rank.</param>
    /// <param name="saved">Parameters that train whole.</param>
    public static ModelFolder Open(string path, string weights = "as-is", int rank = 3, params string[] saved)
    {
        var folder = ModelFolder.Open(path, adapter: null, WeightMapping.ReadOnly, new BaseWeights(weights));
        var terms = AdaptedModel.ProductsOf(folder.Model).ToDictionary(p => p.Weight, _ => new LowRankTerm(rank, Scale));
        NewAdapter.Attach(folder, terms, saved.ToHashSet(StringComparer.Ordinal), Seed);
        return folder;
    }
}
