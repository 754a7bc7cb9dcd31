using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>The run that a request goes on with, where it does.</summary>
static class RunBefore
{
    /// <summary>
    /// The request's numbers, where the run began with an earlier version those that this version had; a run without a checkpoint begins
    /// anew.
    /// </summary>
    public static TrainingOptions Options(TrainRequest request)
    {
        var goesOn = request.Resume
            && File.Exists(Path.Combine(request.Out, RunConfig.FileName))
            && new Checkpoints(request.Out).Steps().Count > 0;
        return goesOn
            ? request.Options with { Optimization = request.Options.Optimization.GoingOn(RunConfig.ReadFrom(request.Out)) }
            : request.Options;
    }
}
