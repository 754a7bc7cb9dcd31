using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

static class DictMethods
{
    // Python has these too; Hugging Face's sandbox keeps templates from changing what they are given.
    static readonly string[] Refused = ["clear", "fromkeys", "pop", "popitem", "setdefault", "update"];

    public static Callable? Find(DictValue dict, string name, Place place)
    {
        Func<Arguments, object?>? body = name switch
        {
            "copy" => _ => dict.Copy(),
            "get" => arguments => Get(dict, arguments),
            "items" => _ => Items(dict),
            "keys" => _ => new DictView("dict_keys", [.. dict.Keys]),
            "values" => _ => new DictView("dict_values", [.. dict.Values]),
            _ when Refused.Contains(name) || name.StartsWith("__", StringComparison.Ordinal) => throw place.Lacks($"'{name}' of a dict"),
            _ => null,
        };
        return body is null ? null : new Callable($"dict.{name}", body);
    }

    public static DictView Items(DictValue dict) => new("dict_items", [.. dict.Entries.Select(e => (object?)new[] { e.Key, e.Value })]);

    static object? Get(DictValue dict, Arguments arguments)
    {
        var values = arguments.Bind(required: 1, "key", "default");
        return dict.TryGet(values[0], out var value) ? value : values[1] == Arguments.Absent ? null : values[1];
    }
}
