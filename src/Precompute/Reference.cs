using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Tokenizers;

namespace OrtDpo.Precompute;

/// <summary>What stage 1 needs to know of the reference before it scores with it.</summary>
/// <param name="Digest">Of its weights and the configuration that changes numbers.</param>
/// <param name="Model">Its family and sizes.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
/// <param name="Parameters">Its numbers.</param>
public sealed record Reference(string Digest, DecoderModel Model, ModelTokenizer Tokenizer, long Parameters)
{
    internal static Reference Read(string folder)
    {
        using var model = ModelFolder.Open(folder);
        var tokenizer = ModelTokenizer.Load(folder);
        var parameters = model.Parameters.Sum(name => model.Find(name)!.Shape.Aggregate(1L, (count, dimension) => count * dimension));
        return new Reference(ReferenceDigest.Compute(model), model.Model, tokenizer, parameters);
    }

    /// <summary>The identity of a cache of this reference, once <paramref name="encoder"/> has encoded its rows.</summary>
    internal CacheIdentity Identity(PairEncoder encoder)
    {
        var contract = new CacheContract(Digest, CacheContract.CurrentScoringVersion, "fp32");
        return new CacheIdentity
        {
            ContractDigest = contract.Digest(),
            ReferenceDigest = contract.ReferenceDigest,
            ScoringVersion = contract.ScoringVersion,
            Dtype = contract.Dtype,
            TokenizerDigest = Tokenizer.Digest,
            TemplateDigest = encoder.Conversations?.TemplateDigest,
            TruncationDigest = PairEncoder.TruncationDigest(encoder.MaxLength, encoder.MaxPromptLength),
            MaxLength = encoder.MaxLength,
            MaxPromptLength = encoder.MaxPromptLength,
        };
    }

    /// <exception cref="InvalidDataException">
    /// A token has no row in the embedding; the message names the first row of the data with one.
    /// </exception>
    internal void RequireKnownTokens(IReadOnlyList<PreparedPair> pairs)
    {
        foreach (var pair in pairs)
        {
            var largest = pair.Tokens.LargestId;
            if (largest >= Model.Sizes.VocabSize)
            {
                throw new InvalidDataException(
                    $"{pair.Source}:{pair.SourceRow} has token {largest} ('{Tokenizer.TokenText(largest)}'), and the model's "
                    + $"vocabulary has {Model.Sizes.VocabSize}. The tokenizer beside the weights is not theirs.");
            }
        }
    }
}
