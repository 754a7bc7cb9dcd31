using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OrtDpo.Runs.Yaml;

/// <summary>
/// YAML that people write for this program: one document, a mapping, each name once. Anchors, aliases, merge keys and tags are refused:
/// what stands in a line is all that it means.
/// </summary>
public sealed class StrictYaml
{
    // Nothing that is written for this program is deeper; a file of brackets alone must not use up the stack.
    const int MostDeep = 8;

    readonly string path;
    readonly Parser parser;

    StrictYaml(string path, TextReader text) => (this.path, parser) = (path, new Parser(text));

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>What it holds; null where that is nothing, or comments alone.</returns>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="InvalidDataException">It is no YAML of that form; the message has the line.</exception>
    public static YamlMapping? Read(string path)
    {
        using var text = new StreamReader(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        var reader = new StrictYaml(path, text);
        try
        {
            return reader.Document();
        }
        catch (YamlException e)
        {
            throw new InvalidDataException(
                $"{path} {new YamlPlace(e.Start.Line, e.Start.Column)}: {e.Message.TrimEnd('.')}. Expected YAML of 'name: value' lines.",
                e);
        }
        catch (InvalidOperationException e)
        {
            // What the scanner throws at a plain value in brackets that ends where none can, as in "a: [1,\nb: 2".
            throw new InvalidDataException(
                $"{path} {Place(reader.parser.Current!)}: found no YAML behind this. Expected 'name: value' lines, and every "
                + "bracket and quote closed.",
                e);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{path} is not UTF-8. Save it as UTF-8.", e);
        }
    }

    YamlMapping? Document()
    {
        parser.Consume<StreamStart>();
        if (parser.TryConsume<StreamEnd>(out _))
        {
            return null;
        }

        var start = parser.Consume<DocumentStart>();
        if (start.Version is { } version && (version.Version.Major, version.Version.Minor) != (1, 2))
        {
            throw Fault(
                start.Start,
                $"found YAML {version.Version.Major}.{version.Version.Minor}. Expected 1.2, in which 'no' is a word and 010 is ten");
        }

        var found = parser.Accept<MappingStart>(out _) ? Mapping(0) : throw Fault(
            parser.Current!.Start, "found no mapping. Expected 'name: value' lines");
        parser.Consume<DocumentEnd>();
        return parser.Accept<StreamEnd>(out _) ? found : throw Fault(
            parser.Current!.Start, "a second document begins. Expected one");
    }

    YamlNode Node(int depth)
    {
        if (depth > MostDeep)
        {
            throw Fault(parser.Current!.Start, $"found lists or mappings in one another, {MostDeep} deep. Expected fewer");
        }

        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            throw Fault(alias.Start, $"found the alias *{alias.Value}. Write the value out: aliases are not read");
        }

        if (parser.Accept<MappingStart>(out _))
        {
            return Mapping(depth);
        }

        if (parser.TryConsume<SequenceStart>(out var start))
        {
            RequirePlainNode(start);
            var items = new List<YamlNode>();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Node(depth + 1));
            }

            return new YamlList(items, Place(start));
        }

        var scalar = parser.Consume<Scalar>();
        RequirePlainNode(scalar);
        return new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, Place(scalar));
    }

    YamlMapping Mapping(int depth)
    {
        var start = parser.Consume<MappingStart>();
        RequirePlainNode(start);
        var (entries, places) = (new List<YamlEntry>(), new Dictionary<string, YamlPlace>(StringComparer.Ordinal));
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.TryConsume<Scalar>(out var name) ? name : throw Fault(
                parser.Current!.Start, "found a list, a mapping or an alias. Expected a name");
            RequirePlainNode(key);
            if (key is { Value: "<<", Style: ScalarStyle.Plain })
            {
                throw Fault(key.Start, "found the merge key <<. Write the entries out: merge keys are not read");
            }

            if (!places.TryAdd(key.Value, Place(key)))
            {
                throw Fault(
                    key.Start,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"'{key.Value}' is there already, in line {places[key.Value].Line}. Remove one of them"));
            }

            entries.Add(new YamlEntry(key.Value, Node(depth + 1), Place(key)));
        }

        return new YamlMapping(entries, Place(start));
    }

    void RequirePlainNode(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
        {
            throw Fault(node.Start, $"found the anchor &{node.Anchor.Value}. Leave it out: anchors are not read");
        }

        if (!node.Tag.IsEmpty)
        {
            throw Fault(
                node.Start,
                $"found the tag {node.Tag.Value}. Leave it out: what a value is follows from how it is written, text in quotes");
        }
    }

    static YamlPlace Place(ParsingEvent found) => new(found.Start.Line, found.Start.Column);

    InvalidDataException Fault(Mark mark, string fault) =>
        new($"{path} {new YamlPlace(mark.Line, mark.Column)}: {fault}.");
}
