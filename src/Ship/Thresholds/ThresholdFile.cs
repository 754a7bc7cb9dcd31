using System.Globalization;
using System.Text;
using OrtDpo.Objectives;
using OrtDpo.Runs;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

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

        using var reader = new StreamReader(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        try
        {
            return Read(new Parser(reader), path);
        }
        catch (YamlException e)
        {
            throw new InvalidDataException(
                $"{path} line {e.Start.Line}: {e.Message.TrimEnd('.')}. Expected YAML of 'name: value' lines.", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{path} is not UTF-8. Save it as UTF-8.", e);
        }
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

    static ReleaseThresholds Read(Parser parser, string path)
    {
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
        {
            throw new InvalidDataException($"{path} holds no thresholds. Leave `Thresholds` out for the usual ones.");
        }

        var thresholds = parser.Accept<MappingStart>(out var start) ? Entries(parser, path) : throw new InvalidDataException(
            $"{path} line {parser.Current!.Start.Line}: found no mapping. Expected 'name: value' lines.");
        parser.Consume<DocumentEnd>();
        return parser.Accept<StreamEnd>(out _) ? thresholds : throw new InvalidDataException(
            $"{path} line {parser.Current!.Start.Line}: a second document begins. Expected one.");
    }

    static ReleaseThresholds Entries(Parser parser, string path)
    {
        parser.Consume<MappingStart>();
        var (thresholds, lines) = (new ReleaseThresholds(), new Dictionary<string, long>(StringComparer.Ordinal));
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Scalar(parser, path, "a name");
            var (name, line) = (key.Value, key.Start.Line);
            if (Threshold.All.FirstOrDefault(known => known.Name == name) is not { } threshold)
            {
                var known = NearestName.Of(name, Threshold.All.Select(one => one.Name)) is { } near
                    ? $"did you mean '{near}'?"
                    : $"the thresholds are {string.Join(", ", Threshold.All.Select(one => one.Name))}.";
                throw new InvalidDataException($"{path} line {line}: '{name}' is no threshold; {known}");
            }

            if (!lines.TryAdd(name, line))
            {
                throw new InvalidDataException(
                    $"{path} line {line}: '{name}' is there already, in line {lines[name]}. Remove one of them.");
            }

            var value = Scalar(parser, path, $"{name} with {threshold.Expected}");
            thresholds = threshold.With(thresholds, value.Value) ?? throw new InvalidDataException(
                $"{path} line {value.Start.Line}: {name} is '{value.Value}'; it must be {threshold.Expected}.");
        }

        return thresholds;
    }

    static Scalar Scalar(Parser parser, string path, string expected) =>
        parser.TryConsume<Scalar>(out var scalar) ? scalar : throw new InvalidDataException(
            $"{path} line {parser.Current!.Start.Line}: found a list, a mapping or an alias. Expected {expected}.");
}
