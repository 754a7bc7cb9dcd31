using OrtDpo.Models;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Safetensors;

namespace OrtDpo.Ship.Checks;

/// <summary>The model that a policy is compared with: the reference, or without one the model that training started from.</summary>
sealed class StartingModel : IDisposable
{
    readonly string run;
    readonly string wanted;

    StartingModel(ModelFolder folder, string run, string wanted)
    {
        Folder = folder;
        this.run = run;
        this.wanted = wanted;
        Digest = ReferenceDigest.Compute(folder);
    }

    /// <summary>The model, for the run's longest sequence.</summary>
    public ModelFolder Folder { get; }

    /// <summary>Its digest.</summary>
    public string Digest { get; }

    /// <summary>What is wrong where another model lies in its place; null: nothing.</summary>
    public string? Fault => Digest == wanted ? null : $"{Folder.Path} is not the model that {run} is compared with: its digest is "
        + $"{Digest[..12]}… and the run's {wanted[..12]}…. Give the folder of that model as `Reference`, or train again.";

    /// <summary>Opens it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="given">Its folder; null: where the run's configuration says that it lies.</param>
    /// <param name="maxLength">The bound on prompt + one completion that the run was trained with, in tokens.</param>
    /// <exception cref="InvalidDataException">The configuration does not say where it lies.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static StartingModel Open(TrainedRun run, string? given, int maxLength)
    {
        var reference = run.Text("reference_digest");
        var wanted = reference ?? run.Text("model_digest")
            ?? throw new InvalidDataException($"{run.Folder} names no digest of the model that it started from. Train again.");
        if (given is null && reference is not null && run.Text("policy_digest") != reference)
        {
            throw new InvalidDataException($"{run.Folder} started from another model than its reference {reference[..12]}…, and does not "
                + "say where that lies. Give it as `Reference`.");
        }

        var path = given ?? run.Text("model")!;
        if (!Directory.Exists(path))
        {
            throw new DirectoryNotFoundException($"The reference {path} is not there. Give the folder that it lies in now as `Reference`.");
        }

        var folder = ModelFolder.Open(
            path, given is null ? run.Text("adapter") : null, WeightMapping.ReadOnly, BaseWeights.OfRun(run.Config));
        try
        {
            folder.FixMaxLength(maxLength);
            return new StartingModel(folder, run.Folder, wanted);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public void Dispose() => Folder.Dispose();
}
