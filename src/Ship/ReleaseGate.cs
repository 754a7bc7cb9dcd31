using OrtDpo.Export;
using OrtDpo.Runs;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Ship;

/// <summary>
/// The release gate: whether a run and its export may be shipped, by numbers that are measured anew on held-out rows and by the digests of
/// everything that they were made of.
/// </summary>
public static class ReleaseGate
{
    /// <summary>Judges a run and its export. What is missing is no exception but a check that was not judged.</summary>
    /// <exception cref="DirectoryNotFoundException">The run or the export does not exist.</exception>
    /// <exception cref="InvalidDataException">The folder holds no run, or no checkpoint; or the checkpoint is damaged.</exception>
    /// <exception cref="NotSupportedException">The export holds no ONNX model, or the device cannot be used.</exception>
    public static ReleaseReport Judge(ReleaseRequest request)
    {
        ExportedModel.Require(request.Export);
        var run = TrainedRun.Open(request.Run, request.Checkpoint);
        OrtProcess.Start(request.Threads);
        return new ReleasePass(request, run, request.Device.Open(request.Threads)).Report();
    }
}
