using System.Globalization;

namespace OrtDpo.Runs;

/// <summary>The folder <c>checkpoints/</c> of a run: <c>step-N/</c> is complete, a name that ends in <c>.tmp</c> is not.</summary>
public sealed class Checkpoints
{
    // The newest, and the one before it, should the newest be damaged.
    const int Kept = 2;
    const string Prefix = "step-";

    readonly string folder;

    public Checkpoints(string runFolder) => folder = Path.Combine(runFolder, "checkpoints");

    /// <summary>The folder of a step's checkpoint.</summary>
    public string PathOf(int step) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step}"));

    /// <summary>The steps that have a complete checkpoint, in ascending order.</summary>
    public IReadOnlyList<int> Steps() =>
        !Directory.Exists(folder) ? [] :
        [.. Directory.GetDirectories(folder)
            .Select(Path.GetFileName)
            .Where(name => name!.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name =>
                int.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1)
            .Where(step => step >= 0)
            .Order()];

    /// <summary>Writes a checkpoint under a temporary name, renames it, and removes those that are too old.</summary>
    /// <param name="step">Steps that are done.</param>
    /// <param name="write">Writes the engine's files into the folder it is given.</param>
    /// <param name="modelFiles">Files to put beside the weights, so that the checkpoint is a model folder of its own.</param>
    /// <param name="state">Makes the state from the digests of the other files.</param>
    public string Write(
        int step, Action<string> write, IEnumerable<string> modelFiles, Func<SortedDictionary<string, string>, TrainerState> state)
    {
        var final = PathOf(step);
        var temporary = final + AtomicFile.TemporarySuffix;
        Directory.CreateDirectory(temporary);
        write(temporary);
        foreach (var file in modelFiles)
        {
            AtomicFile.Write(Path.Combine(temporary, Path.GetFileName(file)), stream => Copy(file, stream));
        }

        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(temporary, "*", SearchOption.AllDirectories))
        {
            digests.Add(Path.GetRelativePath(temporary, file).Replace('\\', '/'), FileDigest.OfFile(file));
        }

        FileJson.Write(Path.Combine(temporary, TrainerState.FileName), state(digests));
        CrashPoint.Reached($"before renaming checkpoint {step}");
        Directory.Move(temporary, final);
        CrashPoint.Reached($"after renaming checkpoint {step}");
        Tidy();
        return final;
    }

    /// <summary>Reads and verifies the newest checkpoint; null where there is none.</summary>
    /// <exception cref="InvalidDataException">A file of the checkpoint is damaged.</exception>
    public TrainerState? ReadNewest()
    {
        if (Steps() is not [.., var step])
        {
            return null;
        }

        var path = PathOf(step);
        var state = FileJson.Read<TrainerState>(Path.Combine(path, TrainerState.FileName));
        if (state.Format != TrainerState.CurrentFormat || state.Step != step)
        {
            throw new InvalidDataException($"{path}: {TrainerState.FileName} is of format {state.Format}, step {state.Step}. "
                + $"Expected format {TrainerState.CurrentFormat}, step {step}.");
        }

        foreach (var (name, digest) in state.Files)
        {
            var file = Path.Combine(path, name);
            if (!File.Exists(file) || FileDigest.OfFile(file) != digest)
            {
                throw new InvalidDataException(
                    $"{file} is not the file that the checkpoint was written with. Remove {path} to resume from the checkpoint before it.");
            }
        }

        return state;
    }

    /// <summary>Removes checkpoints that are too old, and what a killed run left unfinished.</summary>
    public void Tidy()
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var step in Steps().SkipLast(Kept))
        {
            // Renamed first: a kill while files disappear must not leave a folder that looks complete.
            Directory.Move(PathOf(step), PathOf(step) + AtomicFile.TemporarySuffix);
            CrashPoint.Reached($"before removing checkpoint {step}");
        }

        foreach (var unfinished in Directory.GetDirectories(folder, $"*{AtomicFile.TemporarySuffix}"))
        {
            Directory.Delete(unfinished, recursive: true);
        }
    }

    static void Copy(string file, Stream target)
    {
        using var source = File.OpenRead(file);
        source.CopyTo(target);
    }
}
