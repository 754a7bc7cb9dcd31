using System.Text.Json.Serialization;
using OrtDpo.Batches;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Cache;

/// <summary>What a cache was made with, as far as it decides what the cache can be used for.</summary>
public sealed record CacheIdentity
{
    /// <summary>Of the contract: reference, how it is held, scoring version, dtype.</summary>
    public required string ContractDigest { get; init; }

    /// <summary>Of the reference's weights and configuration.</summary>
    public required string ReferenceDigest { get; init; }

    /// <summary>
    /// How the reference's linear weights were held, such as the form and block of nf4; null, and not written: as its files have them.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BaseForm { get; init; }

    /// <summary>Which numbers were computed.</summary>
    public required int ScoringVersion { get; init; }

    /// <summary>The type computed in: <c>fp32</c> or <c>bf16</c>.</summary>
    public required string Dtype { get; init; }

    /// <summary>The same; null where this program does not know it.</summary>
    [JsonIgnore]
    public ComputeDtype? Compute => ComputeDtypes.Find(Dtype);

    /// <summary>How far numbers that were computed alike may lie apart.</summary>
    /// <exception cref="NotSupportedException">This program does not know the type that they were computed in.</exception>
    [JsonIgnore]
    public LogpTolerance Tolerance => LogpTolerance.Of(Compute ?? throw new NotSupportedException(
        $"The cache was computed in '{Dtype}', and this program knows {ComputeDtypes.Names}: how far its numbers may lie apart is not "
        + "known. Use the program that made it, or run precompute again."));

    /// <summary>Of the tokenizer's files.</summary>
    public required string TokenizerDigest { get; init; }

    /// <summary>
    /// <see cref="EndTokens.Digest"/> of the tokens that end a completion; null, and not written: the tokenizer's own alone.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EndIdsDigest { get; init; }

    /// <summary>Of the chat template; null where none was applied.</summary>
    public required string? TemplateDigest { get; init; }

    /// <summary>Of the rule by which completions and prompts were cut.</summary>
    public required string TruncationDigest { get; init; }

    /// <summary>Bound on prompt + one completion, in tokens.</summary>
    public required int MaxLength { get; init; }

    /// <summary>Bound on the prompt, in tokens; null, and not written: prompts were never cut.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxPromptLength { get; init; }

    /// <summary>The first thing in which two identities differ, in words; null where they are the same.</summary>
    internal static string? Difference(CacheIdentity found, CacheIdentity wanted) => Difference(found.Facts(), wanted.Facts());

    /// <summary>The first thing in which two contracts differ, in words; null where a row scores alike under both.</summary>
    internal static string? ContractDifference(CacheIdentity found, CacheIdentity wanted) =>
        Difference(found.ContractFacts(), wanted.ContractFacts());

    /// <summary>Checks that a policy can be trained against the cache.</summary>
    /// <param name="cache">The cache's folder, for messages.</param>
    /// <param name="dtype">The type that the policy computes in.</param>
    /// <param name="tokenizerDigest">Of the policy's tokenizer.</param>
    /// <param name="ends">The tokens that end the policy's completions.</param>
    /// <param name="templateDigest">Of the policy's chat template; null where none is applied.</param>
    /// <param name="positions">The policy's longest position, which bounds prompt + one completion.</param>
    /// <exception cref="InvalidDataException">
    /// Tokenizer, end ids, template or truncation are not the policy's, or the cache's numbers were computed otherwise than this code
    /// computes; the message says which.
    /// </exception>
    public void RequirePolicy(
        string cache, ComputeDtype dtype, string tokenizerDigest, EndTokens ends, string? templateDigest, int positions)
    {
        if (ScoringVersion != CacheContract.CurrentScoringVersion)
        {
            throw new InvalidDataException($"{cache} was computed by scoring version {ScoringVersion}, and this program is version "
                + $"{CacheContract.CurrentScoringVersion}. Run precompute again.");
        }

        RequireDtype(cache, dtype);

        if (tokenizerDigest != TokenizerDigest)
        {
            throw new InvalidDataException($"{cache} was made with tokenizer {Short(TokenizerDigest)} and this model has tokenizer "
                + $"{Short(tokenizerDigest)}. Run precompute again.");
        }

        if (ends.Digest != EndIdsDigest)
        {
            throw new InvalidDataException($"{cache} ends completions at {Ends(EndIdsDigest, "")}, and this model at "
                + $"{Ends(ends.Digest, $" ({string.Join(", ", ends.Ids)})")}, as its generation_config.json or config.json has it. "
                + "Run precompute again.");
        }

        if (templateDigest != TemplateDigest)
        {
            throw new InvalidDataException($"{cache} was made with chat template {Short(TemplateDigest ?? "none")} and this run uses "
                + $"{Short(templateDigest ?? "none")}. "
                + (TemplateDigest is null
                    ? "Run precompute again."
                    : "Pass `ChatTemplate` with the file that precompute had, or run precompute again."));
        }

        if (MaxLength > positions)
        {
            throw new InvalidDataException($"{cache} was cut at {MaxLength} tokens and this model has {positions} positions. "
                + $"Run precompute again with `MaxLength` {positions}.");
        }
    }

    // Numbers of another type lie apart by its rounding, everywhere and from the first step on: a difference that nobody trained.
    void RequireDtype(string cache, ComputeDtype dtype)
    {
        if (Compute != dtype)
        {
            throw new InvalidDataException(Compute is { } own
                ? $"{cache} was computed in {own.ConfigName()}, and this run computes in {dtype.ConfigName()}. "
                    + "Leave `Dtype` out, to compute as the cache was, or run precompute again."
                : $"{cache} was computed in '{Dtype}', and this run computes in {dtype.ConfigName()}; this program knows "
                    + $"{ComputeDtypes.Names}. Run precompute again.");
        }
    }

    static string? Difference(IEnumerable<(string Name, string Value)> found, IEnumerable<(string Name, string Value)> wanted) =>
        found.Zip(wanted)
            .Where(pair => pair.First.Value != pair.Second.Value)
            .Select(pair => $"{pair.First.Name} {Short(pair.First.Value)} and not {Short(pair.Second.Value)}")
            .FirstOrDefault();

    IEnumerable<(string Name, string Value)> ContractFacts() =>
    [
        ("reference", ReferenceDigest),
        ("base", BaseForm ?? "as in its files"),
        ("scoring version", $"{ScoringVersion}"),
        ("dtype", Dtype),
        ("contract", ContractDigest),
    ];

    IEnumerable<(string Name, string Value)> Facts() =>
    [
        .. ContractFacts(),
        ("tokenizer", TokenizerDigest),
        ("end-of-sequence ids", EndIdsDigest ?? "of the tokenizer"),
        ("chat template", TemplateDigest ?? "none"),
        ("maximum length", $"{MaxLength}"),
        ("maximum prompt length", MaxPromptLength is { } bound ? $"{bound}" : "none"),
        ("truncation rule", TruncationDigest),
    ];

    static string Ends(string? digest, string ids) =>
        digest is null ? "the tokenizer's end-of-sequence token alone" : $"the end-of-sequence ids {Short(digest)}{ids}";

    // Of digests; what is said in words stands whole.
    static string Short(string value) => value.Length > 12 && !value.Contains(' ', StringComparison.Ordinal) ? $"{value[..12]}…" : value;
}
