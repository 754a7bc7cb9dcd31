namespace OrtDpo.Runs;

/// <summary>A checkpoint that cannot be used.</summary>
/// <param name="Step">Steps that were done when it was written.</param>
/// <param name="Reason">What is wrong with it: a sentence that names the file.</param>
public sealed record CheckpointFault(int Step, string Reason);
