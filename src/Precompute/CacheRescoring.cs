using OrtDpo.Batches;
using OrtDpo.Data.Cache;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Precompute;

/// <summary>Scores a sample of a cache again with the model that it names.</summary>
public static class CacheRescoring
{
    /// <summary>
    /// Scores up to <paramref name="pairs"/> pairs of the whole cache in <paramref name="folder"/> with <paramref name="model"/>.
    /// </summary>
    /// <exception cref="InvalidDataException">The model is not the cache's reference, or its tokenizer is another one.</exception>
    /// <exception cref="NotSupportedException">
    /// The device cannot be used or has too little memory, or what is to lie in the host's cannot.
    /// </exception>
    /// <param name="folder">The cache.</param>
    /// <param name="model">The model's folder.</param>
    /// <param name="adapter">The folder of an adapter that lies on it; null: none.</param>
    /// <param name="weights">How the weights of its layers are held.</param>
    /// <param name="pairs">How many pairs.</param>
    /// <param name="threads">Threads to score with.</param>
    /// <param name="device">Where to score.</param>
    /// <param name="offload">What of the weights lies in the host's memory, where the device is another.</param>
    /// <param name="opened">Told of the device, and of what is taken there, before anything is scored.</param>
    public static Rescoring Run(
        string folder, string model, string? adapter, BaseWeights weights, int pairs, int threads, DeviceChoice device,
        OffloadChoice offload, Action<ForwardPlace>? opened = null)
    {
        var cache = ReferenceCache.Open(folder);
        var dtype = cache.Identity.Compute ?? throw new InvalidDataException(
            $"{folder} was computed in '{cache.Identity.Dtype}', and this program computes in {ComputeDtypes.Names}. "
            + "Verify it with the program that made it.");
        using var reference = Reference.Open(model, adapter, weights, dtype, _ => cache.Identity.MaxLength);
        Require(folder, model, "reference", cache.Identity.ReferenceDigest, reference.Digest);
        if (reference.BaseForm != cache.Identity.BaseForm)
        {
            throw new InvalidDataException(
                $"{folder} was made with weights held {BaseWeights.Describe(cache.Identity.BaseForm)}, and those "
                + $"of {model} are held {BaseWeights.Describe(reference.BaseForm)}. {BaseWeights.Advice(cache.Identity.BaseForm)}.");
        }

        Require(folder, model, "tokenizer", cache.Identity.TokenizerDigest, reference.Tokenizer.Digest);
        var place = ForwardPlace.Of(
            device.Open(threads).Computing(dtype), offload, "Scoring",
            budget => reference.Memory(Longest(cache, pairs, reference.Model.Layout), budget, offload));
        opened?.Invoke(place);
        using var scorer = reference.Scorer(threads, place.Device, place.Offload);
        return Rescoring.Measure(cache, pairs, scorer);
    }

    // Whichever are drawn, no batch takes more.
    static IReadOnlyList<PackedBatch> Longest(ReferenceCache cache, int pairs, BatchLayout layout)
    {
        var rows = cache.Rows.DistinctBy(row => row.RowKey).Select(row => row.Mismatched is null
            ? row.Tokens
            : Example.Pair(row.Tokens.Prompt, row.Tokens.Completions[0], cache.MismatchedOf(row))).ToList();
        var longest = rows.OrderByDescending(row => row.Length).Take(pairs)
            .Concat(rows.OrderByDescending(row => row.ScoredTokens).Take(pairs)).ToList();
        return LongestBatches.Of(longest, ScoringPlan.DefaultBatchTokens, layout);
    }

    static void Require(string folder, string model, string what, string cached, string found)
    {
        if (cached != found)
        {
            throw new InvalidDataException($"{folder} was made with {what} {cached[..12]}… and {model} has {what} {found[..12]}…. "
                + "Give the model that it was made with.");
        }
    }
}
