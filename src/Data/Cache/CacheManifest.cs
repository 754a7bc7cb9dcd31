using OrtDpo.Batches;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrtDpo.Runs;

namespace OrtDpo.Data.Cache;

/// <summary>What one shard of a cache is and which of its parts are there; <c>manifest-&lt;i&gt;of&lt;n&gt;.json</c>.</summary>
public sealed record CacheManifest
{
    /// <summary>The version of these files.</summary>
    public const string CurrentFormat = "ortdpo-cache-1";

    /// <summary>The version of these files: <see cref="CurrentFormat"/>.</summary>
    public required string Format { get; init; }

    /// <summary>What the rows are: <c>pair</c> or <c>unpaired</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Which shard.</summary>
    public required Shard Shard { get; init; }

    /// <summary>What it was made with.</summary>
    public required CacheIdentity Identity { get; init; }

    /// <summary>On what it was made.</summary>
    public required ScoringEnvironment Environment { get; init; }

    /// <summary>Log-probabilities of a few fixed rows.</summary>
    public required ScoreProbe Probe { get; init; }

    /// <summary>Of all the data, the other shards' included; see <see cref="Data.DataDigest"/>.</summary>
    public required string DataDigest { get; init; }

    /// <summary>
    /// The names of sets that are judged by themselves, by the names of the files that are in one (<see cref="CachedRow.Source"/>); null,
    /// and not written, where no set has a name, as in older caches.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SortedDictionary<string, string>? EvalSets { get; init; }

    /// <summary>SHA-256 of the account of the rows.</summary>
    public required string LedgerSha256 { get; init; }

    /// <summary>What is scored in which order.</summary>
    public required PlanSummary Plan { get; init; }

    /// <summary>Older caches that scores were taken from, in the order in which they were asked.</summary>
    public required IReadOnlyList<ReusedCache> Reused { get; init; }

    /// <summary>The parts that are written, by index.</summary>
    public required IReadOnlyList<CachePart> Parts { get; init; }

    /// <summary>Whether all parts are written and were read back.</summary>
    public required bool Complete { get; init; }

    /// <summary>Of the file itself, with this member empty; whatever it is before <see cref="Write"/> counts for nothing.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary><see cref="Kind"/>, which <see cref="Read"/> has found to exist.</summary>
    internal RowKind KindOfRows => CacheKind.Find(Kind)!.Value;

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="InvalidDataException">The file is no manifest, of another version, or not as it was written.</exception>
    public static CacheManifest Read(string path)
    {
        var manifest = FileJson.Read<CacheManifest>(path);
        if (manifest.Format != CurrentFormat || CacheKind.Find(manifest.Kind) is null)
        {
            throw new InvalidDataException($"{path} is of format '{manifest.Format}' and kind '{manifest.Kind}'; "
                + $"this program reads '{CurrentFormat}' and the kinds '{CacheKind.Pair}' and '{CacheKind.Unpaired}'. "
                + "Run precompute again.");
        }

        // Not the digest alone: white space and the spelling of a number are bytes too. What is not finite has no spelling.
        return manifest.Probe.TokenLogps.All(float.IsFinite)
            && File.ReadAllBytes(path).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(manifest.Text()))
            ? manifest
            : throw new InvalidDataException($"{path} is damaged or was edited: its sha256 is not that of the rest of the file. "
                + "Get the file again, or run precompute into another folder.");
    }

    /// <summary>Writes the manifest atomically.</summary>
    public void Write(string path) => AtomicFile.WriteText(path, Text());

    string Text()
    {
        var digest = FileDigest.OfText(Json(this with { Sha256 = "" }));
        return Json(this with { Sha256 = digest });
    }

    static string Json(CacheManifest manifest) => JsonSerializer.Serialize(manifest, FileJson.Options) + "\n";
}

/// <summary>What the numbers' last bits depend on: bit-identity is promised for the same environment on the same machine.</summary>
/// <param name="OnnxRuntime">The version of ONNX Runtime.</param>
/// <param name="Device">Where it ran: <c>cpu</c>, <c>cuda:0</c>.</param>
/// <param name="Threads">How many threads a session used.</param>
public sealed record ScoringEnvironment(string OnnxRuntime, string Device, int Threads)
{
    /// <summary>What its maker calls the device; null, and not in the file: the processor.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeviceModel { get; init; }
}

/// <summary>A plan in numbers.</summary>
/// <param name="Digest">Of everything planned.</param>
/// <param name="Rows">Rows of the data.</param>
/// <param name="Pairs">Distinct pairs, which are what is scored.</param>
/// <param name="Reused">Those of <paramref name="Pairs"/> whose scores come from older caches.</param>
/// <param name="Batches">Batches.</param>
/// <param name="Parts">Part files.</param>
public sealed record PlanSummary(string Digest, int Rows, int Pairs, int Reused, int Batches, int Parts);

/// <summary>A part file.</summary>
/// <param name="Index">From 0.</param>
/// <param name="File">Its name.</param>
/// <param name="Rows">Rows in it.</param>
/// <param name="Sha256">Of its bytes.</param>
public sealed record CachePart(int Index, string File, int Rows, string Sha256);
