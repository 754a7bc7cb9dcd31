namespace OrtDpo.Training;

/// <summary>
/// The names that every engine gives the files and tensors of its part of a checkpoint, so that a run goes on with another engine.
/// </summary>
public static class EngineFiles
{
    /// <summary>AdamW's moments; with them the float32 weights where they are saved in 16 bits, since these are what trains.</summary>
    public const string Moments = "optimizer.safetensors";

    /// <summary>What stands behind a parameter's name for its first moment: PyTorch's name of it.</summary>
    public const string FirstMoment = "exp_avg";

    /// <summary>What stands behind a parameter's name for its second moment: PyTorch's name of it.</summary>
    public const string SecondMoment = "exp_avg_sq";

    /// <summary>What stands behind a parameter's name for its float32 weights.</summary>
    public const string Master = "master";
}
