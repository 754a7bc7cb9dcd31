using OrtDpo.Training;

namespace OrtDpo.Train.Engine;

/// <summary>Turns accumulated gradients into an update of the weights, where both lie.</summary>
interface IOptimizer : IDisposable
{
    /// <summary>Clips, updates and clears the gradients; with a non-finite norm only clears them.</summary>
    OptimizerResult Apply(OptimizerStep step);
}
