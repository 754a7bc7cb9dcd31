using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Precompute;

/// <summary>The reference, open: what stage 1 needs to know of it, and what it scores with.</summary>
public sealed class Reference : IDisposable
{
    readonly ModelFolder folder;

    Reference(ModelFolder folder, ComputeDtype dtype)
    {
        this.folder = folder;
        Dtype = dtype;
        Tokenizer = ModelTokenizer.Load(folder.Path);
        Digest = ReferenceDigest.Compute(folder);
    }

    /// <summary>Of its weights and the configuration that changes numbers.</summary>
    public string Digest { get; }

    /// <summary>How its linear weights are held; null: as its files have them.</summary>
    public string? BaseForm => folder.Quantized?.Form;

    /// <summary>The type that it computes in.</summary>
    public ComputeDtype Dtype { get; }

    /// <summary>Its family and sizes.</summary>
    public DecoderModel Model => folder.Model;

    /// <summary>What a reader should know of how it was read.</summary>
    public IReadOnlyList<string> Notes => folder.Notes;

    /// <summary>Its tokenizer.</summary>
    public ModelTokenizer Tokenizer { get; }

    /// <summary>How many numbers its weights are.</summary>
    public long Parameters =>
        folder.Parameters.Sum(name => folder.Find(name)!.Shape.Aggregate(1L, (count, dimension) => count * dimension));

    /// <summary>Opens and hashes a model folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="adapter">The folder of an adapter that lies on it; null: none.</param>
    /// <param name="weights">How the weights of its layers are held.</param>
    /// <param name="dtype">The type that it computes in.</param>
    /// <param name="maxLength">The bound on prompt + one completion: a model's numbers may depend on it.</param>
    internal static Reference Open(
        string path, string? adapter, BaseWeights weights, ComputeDtype dtype, Func<DecoderModel, int> maxLength)
    {
        var folder = ModelFolder.Open(path, adapter, WeightMapping.ReadOnly, weights);
        try
        {
            folder.FixMaxLength(maxLength(folder.Model));
            return new Reference(folder, dtype);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Scores with it on a device, on <paramref name="threads"/> threads; it outlives the scorer.</summary>
    internal DecoderScorer Scorer(int threads, Device device, Offload offload = Offload.None)
    {
        OrtProcess.Start(threads);
        folder.Quantized?.Prepare(threads);
        LoadedMemory.Trim();
        return DecoderScorer.Of(folder, threads, device, Dtype, offload);
    }

    /// <summary>What scoring the longest rows of a plan takes, and those with the most tokens to score.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="budget">What is left to it.</param>
    /// <param name="choice">What of the weights is to lie in the host's memory; what is left open is decided here.</param>
    /// <exception cref="NotSupportedException">What is to lie in the host's memory cannot.</exception>
    internal ForwardMemory Memory(ScoringPlan plan, MemoryBudget budget, OffloadChoice choice) => Memory(
        [.. plan.Largest().Select(batch => ExamplePacking.Pack([.. batch.Select(planned => planned.Scored)], Model.Layout))], budget,
        choice);

    /// <summary>What scoring batches takes.</summary>
    /// <param name="batches">The largest of them.</param>
    /// <param name="budget">What is left to it.</param>
    /// <param name="choice">What of the weights is to lie in the host's memory; what is left open is decided here.</param>
    /// <exception cref="NotSupportedException">What is to lie in the host's memory cannot.</exception>
    internal ForwardMemory Memory(IReadOnlyList<PackedBatch> batches, MemoryBudget budget, OffloadChoice choice) =>
        DecoderScorer.Choose(folder, batches, budget, choice, Dtype, Tokenizer.Bytes);

    /// <summary>Writes the base in 4 bits to a folder, unless it is there; its path.</summary>
    /// <param name="to">The folder.</param>
    internal string Keep(string to)
    {
        var path = Path.Combine(to, KeptBase.NameOf(folder));
        if (!File.Exists(path))
        {
            AtomicFile.Write(path, file => KeptBase.Write(file, folder));
        }

        return path;
    }

    public void Dispose() => folder.Dispose();

    /// <summary>The identity of a cache of this reference, once <paramref name="encoder"/> has encoded its rows.</summary>
    internal CacheIdentity Identity(ExampleEncoder encoder)
    {
        var contract = new CacheContract(Digest, CacheContract.CurrentScoringVersion, Dtype.CacheName(), BaseForm);
        return new CacheIdentity
        {
            ContractDigest = contract.Digest(),
            ReferenceDigest = contract.ReferenceDigest,
            BaseForm = contract.BaseForm,
            ScoringVersion = contract.ScoringVersion,
            Dtype = contract.Dtype,
            TokenizerDigest = Tokenizer.Digest,
            EndIdsDigest = Tokenizer.Ends.Digest,
            TemplateDigest = encoder.Conversations?.TemplateDigest,
            TruncationDigest = ExampleEncoder.TruncationDigest(encoder.MaxLength, encoder.MaxPromptLength),
            MaxLength = encoder.MaxLength,
            MaxPromptLength = encoder.MaxPromptLength,
        };
    }
}
