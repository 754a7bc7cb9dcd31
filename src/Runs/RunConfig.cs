using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrtDpo.Runs;

/// <summary>
/// The fully resolved configuration of a run; <c>config.yaml</c>, one <c>name: value</c> a line, in the order in which it was put together.
/// </summary>
public sealed class RunConfig
{
    public const string FileName = "config.yaml";

    readonly List<Entry> entries = [];

    enum Role
    {
        Decides,
        Informs,
        InformsAlone,
        FollowsFromOthers,
    }

    public RunConfig Add(string name, string value) => AddText(name, Text(value));

    public RunConfig Add(string name, bool value) => AddText(name, value ? "true" : "false");

    public RunConfig Add(string name, long value) => AddText(name, value.ToString(CultureInfo.InvariantCulture));

    public RunConfig Add(string name, float value) => AddText(name, Number(value.ToString(CultureInfo.InvariantCulture)));

    public RunConfig Add(string name, double value) => AddText(name, Number(value.ToString(CultureInfo.InvariantCulture)));

    /// <summary>
    /// Marks the entry that was added last as one that does not decide what is computed: a resumed run may have another value.
    /// </summary>
    /// <param name="movesBits">Whether last bits may differ with another value.</param>
    public RunConfig Informative(bool movesBits = true)
    {
        entries[^1] = entries[^1] with { Role = movesBits ? Role.Informs : Role.InformsAlone };
        return this;
    }

    /// <summary>
    /// Marks the entry that was added last as one that follows from others: a resumed run compares those, and an older one may lack it.
    /// </summary>
    public RunConfig FollowsFromOthers()
    {
        entries[^1] = entries[^1] with { Role = Role.FollowsFromOthers };
        return this;
    }

    /// <summary>
    /// Leaves the entry that was added last out of the file where it has the usual value, which a run without the entry then has.
    /// </summary>
    public RunConfig Unless(string usual) => UnlessText(Text(usual));

    /// <inheritdoc cref="Unless(string)"/>
    public RunConfig Unless(long usual) => UnlessText(usual.ToString(CultureInfo.InvariantCulture));

    /// <summary>Writes the file.</summary>
    public void Write(string folder)
    {
        var text = new StringBuilder();
        foreach (var entry in entries.Where(entry => entry.Text != entry.Usual))
        {
            text.Append(entry.Name).Append(": ").Append(entry.Text).Append('\n');
        }

        AtomicFile.WriteText(Path.Combine(folder, FileName), text.ToString());
    }

    /// <summary>Compares with the file of a run that is to go on.</summary>
    /// <returns>Differences that do not decide what is computed.</returns>
    /// <exception cref="InvalidDataException">An entry that decides what is computed differs.</exception>
    public IReadOnlyList<RunDifference> RequireSame(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var found = Read(path);
        var differences = new List<RunDifference>();
        foreach (var (name, text, role, usual) in entries.Where(e => e.Role != Role.FollowsFromOthers))
        {
            var before = found.GetValueOrDefault(name, usual ?? "nothing");
            if (before == text)
            {
                continue;
            }

            if (role == Role.Decides)
            {
                throw new InvalidDataException($"{path}: the run was started with {name} {before}, and this command has {text}. "
                    + "Resume with the options of the run, or choose another folder.");
            }

            differences.Add(new RunDifference($"{name} was {before} and is now {text}", role == Role.Informs));
        }

        if (found.Keys.Except(entries.Select(e => e.Name)).FirstOrDefault() is { } missing)
        {
            throw new InvalidDataException($"{path}: the run was started with {missing} {found[missing]}, and this command has none. "
                + "Resume with the options of the run, or choose another folder.");
        }

        return differences;
    }

    /// <summary>Reads the file of the run in <paramref name="folder"/>: values as they are written, strings as JSON.</summary>
    /// <exception cref="InvalidDataException">A line is not as this program writes it.</exception>
    public static IReadOnlyDictionary<string, string> ReadFrom(string folder) => Read(Path.Combine(folder, FileName));

    static Dictionary<string, string> Read(string path)
    {
        var found = new Dictionary<string, string>();
        foreach (var line in File.ReadLines(path))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon < 0 || !IsValue(line[(colon + 2)..]) || !found.TryAdd(line[..colon], line[(colon + 2)..]))
            {
                throw new InvalidDataException($"{path}: found the line '{line}'. "
                    + "Expected 'name: value' with a name of its own, as this program writes it.");
            }
        }

        return found;
    }

    // A string is JSON's, and whoever asks for it takes it as such.
    static bool IsValue(string text)
    {
        if (!text.StartsWith('"'))
        {
            return true;
        }

        try
        {
            return JsonSerializer.Deserialize<string>(text) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // Older YAML readers take 1E-06 for text: they want a point.
    static string Number(string text) =>
        text.Contains('E', StringComparison.Ordinal) && !text.Contains('.', StringComparison.Ordinal)
            ? text.Replace("E", ".0E", StringComparison.Ordinal)
            : text;

    RunConfig AddText(string name, string text)
    {
        entries.Add(new Entry(name, text, Role.Decides, Usual: null));
        return this;
    }

    RunConfig UnlessText(string usual)
    {
        entries[^1] = entries[^1] with { Usual = usual };
        return this;
    }

    static string Text(string value) => JsonSerializer.Serialize(value, FileJson.Options);

    readonly record struct Entry(string Name, string Text, Role Role, string? Usual);
}
