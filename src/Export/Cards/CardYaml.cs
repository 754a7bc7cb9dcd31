using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace OrtDpo.Export.Cards;

/// <summary>Fields as YAML that readers of its versions 1.1 and 1.2 take alike.</summary>
static partial class CardYaml
{
    // What some reader takes for something else than a text.
    static readonly HashSet<string> Words =
        new(["y", "n", "yes", "no", "on", "off", "true", "false", "null"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The fields, one after the other; a value is a text, a number, a list or fields again.</summary>
    public static string Of(IReadOnlyDictionary<string, object> fields) =>
        new SerializerBuilder().WithEventEmitter(next => new Quoting(next)).Build().Serialize(fields).ReplaceLineEndings("\n");

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_./-]*\z")]
    private static partial Regex Plain();

    // A number of a language, a version or a date would be read as one.
    sealed class Quoting(IEventEmitter next) : ChainedEventEmitter(next)
    {
        public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
        {
            if (eventInfo.Source is { Type: { } type, Value: string text } && type == typeof(string))
            {
                eventInfo.Style = Plain().IsMatch(text) && !Words.Contains(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted;
            }

            base.Emit(eventInfo, emitter);
        }
    }
}
