using System.Globalization;
using System.Text;
using OrtDpo.Objectives;
using OrtDpo.Runs;
using OrtDpo.Runs.Yaml;

namespace OrtDpo.Ship.Thresholds;

/// <summary>A file of thresholds: YAML, one <c>name: value</c> for each that is not the usual one.</summary>
public static class ThresholdFile
{
    const int Width = 100;

    /// <summary>Reads a file; what it does not name is as usual.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// It is no YAML of that form, or names what is no threshold, or one twice, or gives one a value that it does not take; the message has
    /// the line.
    /// </exception>
    public static ReleaseThresholds Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"The thresholds file {path} does not exist. Write one with `WriteThresholds`, or leave `Thresholds` out for the usual "
                + "ones.",
                path);
        }

        var found = StrictYaml.Read(path) ?? throw new InvalidDataException(
            $"{path} holds no thresholds. Leave `Thresholds` out for the usual ones.");
        return found.Entries.Aggregate(new ReleaseThresholds(), (thresholds, entry) => With(thresholds, entry, path));
    }

    /// <summary>Writes the usual thresholds with what each of them means; the file must not exist.</summary>
    /// <exception cref="IOException">It exists already.</exception>
    public static void WriteUsual(string path)
    {
        if (Path.Exists(path))
        {
            throw new IOException($"{path} exists already. Choose a new file for the thresholds, or remove it.");
        }

        AtomicFile.WriteText(path, UsualText());
    }

    /// <summary>The usual thresholds as a file has them.</summary>
    public static string UsualText()
    {
        var (text, usual) = (new StringBuilder(), new ReleaseThresholds());
        AppendComment(
            text,
            "Thresholds of the release gate. A line that is left out has the value it has here; a check that is off is left out, and the "
            + "report says so.");
        foreach (var threshold in Threshold.All)
        {
            text.Append('\n');
            AppendComment(text, threshold.Meaning);
            text.Append(CultureInfo.InvariantCulture, $"{threshold.Name}: {threshold.Text(usual)}\n");
        }

        return text.ToString();
    }

    // Broken at the last space before the width.
    static void AppendComment(StringBuilder text, string comment)
    {
        while (comment.Length > Width && comment.LastIndexOf(' ', Width) is > 0 and var space)
        {
            text.Append(CultureInfo.InvariantCulture, $"# {comment[..space]}\n");
            comment = comment[(space + 1)..];
        }

        text.Append(CultureInfo.InvariantCulture, $"# {comment}\n");
    }

    static ReleaseThresholds With(ReleaseThresholds thresholds, YamlEntry entry, string path)
    {
        if (Threshold.All.FirstOrDefault(known => known.Name == entry.Name) is not { } threshold)
        {
            var known = NearestName.Of(entry.Name, Threshold.All.Select(one => one.Name)) is { } near
                ? $"did you mean '{near}'?"
                : $"the thresholds are {string.Join(", ", Threshold.All.Select(one => one.Name))}.";
            throw new InvalidDataException($"{path} line {entry.Place.Line}: '{entry.Name}' is no threshold; {known}");
        }

        var value = entry.Value as YamlScalar ?? throw new InvalidDataException(
            $"{path} line {entry.Value.Place.Line}: found a list or a mapping. Expected {entry.Name} with {threshold.Expected}.");
        return threshold.With(thresholds, value.Text) ?? throw new InvalidDataException(
            $"{path} line {value.Place.Line}: {entry.Name} is '{value.Text}'; it must be {threshold.Expected}.");
    }
}
