using OrtDpo.Data.Cache;
using OrtDpo.Runs;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Precompute;

/// <summary>Checks a folder against its manifests, and a cache against its model.</summary>
public static class Verification
{
    /// <summary>Everything that is wrong with a reference cache or a finished run.</summary>
    /// <param name="request">What is verified.</param>
    /// <param name="opened">Told of the device, and of what is taken there, before a sample is scored.</param>
    /// <exception cref="InvalidDataException">The folder is neither, or a model is given for a run.</exception>
    /// <exception cref="NotSupportedException">
    /// The device cannot be used or has too little memory, or what is to lie in the host's cannot.
    /// </exception>
    public static VerifyResult Of(VerifyRequest request, Action<ForwardPlace>? opened = null) =>
        RunAudit.IsRun(request.Folder) ? OfRun(request) : OfCache(request, opened);

    static VerifyResult OfRun(VerifyRequest request)
    {
        if (request.Model is not null)
        {
            throw new InvalidDataException($"{request.Folder} is a run, which is verified by its digests alone; "
                + "`Model` goes with a reference cache.");
        }

        var audit = RunAudit.Of(request.Folder, ReferenceCache.DigestOf);
        return new VerifyResult { Folder = request.Folder, Kind = "run", Faults = audit.Faults, Notes = audit.Notes, Files = audit.Files };
    }

    static VerifyResult OfCache(VerifyRequest request, Action<ForwardPlace>? opened)
    {
        var audit = CacheAudit.Of(request.Folder);
        // Numbers of damaged parts say nothing of the model.
        var rescored = request.Model is { } model && audit.Faults.Count == 0
            ? CacheRescoring.Run(
                request.Folder, model, request.Adapter, request.Base, request.Sample, request.Threads, request.Device, request.Offload,
                opened)
            : null;
        return new VerifyResult
        {
            Folder = request.Folder,
            Kind = "cache",
            Faults = [.. audit.Faults, .. rescored?.Faults ?? []],
            Notes = audit.Notes,
            Files = audit.Shards.Sum(shard => 2 + shard.Parts.Count),
            Shards = audit.Shards.Count,
            Rows = audit.Rows,
            Rescored = rescored,
        };
    }
}
