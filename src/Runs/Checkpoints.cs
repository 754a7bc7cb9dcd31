using System.Globalization;

namespace OrtDpo.Runs;

/// <summary>
/// The folder <c>checkpoints/</c> of a run: <c>step-N/</c> is complete, a name that ends in <c>.tmp</c> is not, and one that ends in
/// <see cref="DamagedSuffix"/> was, and is no more.
/// </summary>
public sealed class Checkpoints
{
    /// <summary>How many stay where nothing else is asked for: the newest, and the one before it, should the newest be damaged.</summary>
    public const int UsuallyKept = 2;

    /// <summary>What is added to the name of a checkpoint that a run found damaged and went on without.</summary>
    public const string DamagedSuffix = ".damaged";

    const string Prefix = "step-";
    const string Aside = "aside-";

    readonly string run;
    readonly string folder;

    public Checkpoints(string runFolder)
    {
        run = runFolder;
        folder = Path.Combine(runFolder, "checkpoints");
    }

    /// <summary>How many of the newest stay; 1 or more.</summary>
    public int Kept { get; init; } = UsuallyKept;

    /// <summary>Steps whose checkpoints stay however old they are, such as the best; asked whenever old ones are removed.</summary>
    public Func<IEnumerable<int>> KeptAlways { get; init; } = () => [];

    /// <summary>The folder of a step's checkpoint.</summary>
    public string PathOf(int step) => Path.Combine(folder, NameOf(step));

    /// <summary>What the folder of a step's checkpoint is called.</summary>
    public static string NameOf(int step) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step}");

    /// <summary>The steps that have a complete checkpoint, in ascending order.</summary>
    public IReadOnlyList<int> Steps() =>
        !Directory.Exists(folder) ? [] :
        [.. Directory.GetDirectories(folder).Select(path => StepOf(Path.GetFileName(path))).OfType<int>().Order()];

    /// <summary>The step of a name as <see cref="NameOf"/> gives it; null where it is none.</summary>
    public static int? StepOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : null;

    /// <summary>The sentence that a step has no checkpoint, with those that there are.</summary>
    public string Lacks(int step)
    {
        var steps = Steps();
        return $"{run} has no checkpoint {NameOf(step)}; it has "
            + (steps.Count == 0 ? "none." : $"{string.Join(", ", steps.Select(NameOf))}.");
    }

    /// <summary>
    /// Writes a checkpoint under a temporary name, renames it, and removes those that are too old. Where the step has one, the same weights
    /// lie there, and its state alone is written anew.
    /// </summary>
    /// <param name="step">Steps that are done.</param>
    /// <param name="write">Writes the engine's files into the folder it is given.</param>
    /// <param name="modelFiles">Files to put beside the weights, so that the checkpoint is a model folder of its own.</param>
    /// <param name="state">Makes the state from the digests of the other files.</param>
    /// <exception cref="IOException">It cannot be written. What was begun is removed, so that it takes no space.</exception>
    public string Write(
        int step, Action<string> write, IEnumerable<string> modelFiles, Func<SortedDictionary<string, string>, TrainerState> state)
    {
        var final = PathOf(step);
        if (Directory.Exists(final))
        {
            FileJson.Write(StateOf(final), state(Read(step).Files));
            return final;
        }

        var temporary = final + AtomicFile.TemporarySuffix;
        try
        {
            Remove(temporary);
            DurableFolder.Make(temporary);
            Fill(temporary, write, modelFiles, state);
            CrashPoint.Reached($"before renaming checkpoint {step}");
            DurableFolder.Move(temporary, final);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Discard(temporary);
            throw;
        }

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
        var state = ReadState(step);
        return FirstDamaged(path, state) is { } file
            ? throw new InvalidDataException($"{Damage(file)} Remove {path} to resume from the checkpoint before it.")
            : state;
    }

    /// <summary>Reads and verifies the checkpoint of a step that has one.</summary>
    /// <exception cref="IOException">A file of the checkpoint is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file of the checkpoint is damaged.</exception>
    public TrainerState Read(int step)
    {
        var state = ReadState(step);
        return FirstDamaged(PathOf(step), state) is { } file ? throw new InvalidDataException(Damage(file)) : state;
    }

    /// <summary>
    /// Reads the newest checkpoint that is whole; its state is null where there is none. Beside it those that are newer and damaged, the
    /// newest first.
    /// </summary>
    public (TrainerState? State, IReadOnlyList<CheckpointFault> Damaged) ReadNewestWhole()
    {
        var damaged = new List<CheckpointFault>();
        foreach (var step in Steps().Reverse())
        {
            try
            {
                return (Read(step), damaged);
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                damaged.Add(new CheckpointFault(step, e.Message));
            }
        }

        return (null, damaged);
    }

    /// <summary>Gives a damaged checkpoint another name, under which it stays.</summary>
    /// <returns>Its path from here on.</returns>
    public string PutAsideDamaged(int step)
    {
        var path = PathOf(step) + DamagedSuffix;
        for (var n = 2; Path.Exists(path); n++)
        {
            path = string.Create(CultureInfo.InvariantCulture, $"{PathOf(step)}{DamagedSuffix}-{n}");
        }

        DurableFolder.Move(PathOf(step), path);
        return path;
    }

    /// <summary>
    /// Moves what a run made after a step into a folder <c>aside-N</c> of its own, from which nothing is read: the newer checkpoints, the
    /// manifest, and copies of what is cut back. Killed in between, the run is as whole as before.
    /// </summary>
    /// <param name="step">A step that has a checkpoint.</param>
    /// <returns>The folder; null where nothing is newer.</returns>
    public string? PutAsideAfter(int step)
    {
        var newer = Steps().Where(other => other > step).Reverse().ToList();
        if (newer.Count == 0)
        {
            return null;
        }

        var aside = Enumerable.Range(1, int.MaxValue - 1)
            .Select(n => Path.Combine(run, string.Create(CultureInfo.InvariantCulture, $"{Aside}{n}")))
            .First(path => !Path.Exists(path));
        DurableFolder.Make(aside);
        foreach (var name in (string[])[MetricsFile.FileName, SamplesFile.FileName, BestCheckpoint.FileName])
        {
            if (Path.Combine(run, name) is var file && File.Exists(file))
            {
                AtomicFile.Write(Path.Combine(aside, name), stream => Copy(file, stream));
            }
        }

        var manifest = Path.Combine(run, RunManifest.FileName);
        if (File.Exists(manifest))
        {
            File.Move(manifest, Path.Combine(aside, RunManifest.FileName));
        }

        // The newest first: whatever is left when this is killed is a run that ends with an older step.
        foreach (var other in newer)
        {
            CrashPoint.Reached($"before putting checkpoint {other} aside");
            DurableFolder.Move(PathOf(other), Path.Combine(aside, NameOf(other)));
        }

        return aside;
    }

    /// <summary>Removes checkpoints that are too old, and what a killed run left unfinished.</summary>
    public void Tidy()
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var step in Steps().SkipLast(Kept).Except(KeptAlways()))
        {
            // Renamed first: a kill while files disappear must not leave a folder that looks complete.
            DurableFolder.Move(PathOf(step), PathOf(step) + AtomicFile.TemporarySuffix);
            CrashPoint.Reached($"before removing checkpoint {step}");
        }

        foreach (var unfinished in Directory.GetDirectories(folder, $"*{AtomicFile.TemporarySuffix}"))
        {
            Directory.Delete(unfinished, recursive: true);
        }
    }

    static void Fill(
        string temporary, Action<string> write, IEnumerable<string> modelFiles,
        Func<SortedDictionary<string, string>, TrainerState> state)
    {
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

        FileJson.Write(StateOf(temporary), state(digests));
        // What made files in folders of its own may not have flushed these.
        DurableFolder.FlushAll(temporary);
    }

    TrainerState ReadState(int step)
    {
        var path = PathOf(step);
        var state = FileJson.Read<TrainerState>(StateOf(path));
        return state.Format == TrainerState.CurrentFormat && state.Step == step
            ? state
            : throw new InvalidDataException($"{path}: {TrainerState.FileName} is of format {state.Format}, step {state.Step}. "
                + $"Expected format {TrainerState.CurrentFormat}, step {step}.");
    }

    static string? FirstDamaged(string path, TrainerState state) => state.Files
        .Where(file => Path.Combine(path, file.Key) is var name && (!File.Exists(name) || FileDigest.OfFile(name) != file.Value))
        .Select(file => Path.Combine(path, file.Key))
        .FirstOrDefault();

    static string Damage(string file) => $"{file} is not the file that the checkpoint was written with.";

    static string StateOf(string path) => Path.Combine(path, TrainerState.FileName);

    static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    // Where the disk is such that nothing can be removed either, the next run does so.
    static void Discard(string temporary)
    {
        try
        {
            Remove(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }

    static void Copy(string file, Stream target)
    {
        using var source = File.OpenRead(file);
        source.CopyTo(target);
    }
}
