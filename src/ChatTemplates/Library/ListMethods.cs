using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

static class ListMethods
{
    // Python has these too; Hugging Face's sandbox keeps templates from changing what they are given.
    static readonly string[] Refused = ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"];

    public static Callable? Find(IReadOnlyList<object?> list, string name, Place place)
    {
        Func<Arguments, object?>? body = name switch
        {
            "copy" when list is List<object?> => _ => list.ToList(),
            "count" => arguments => (long)list.Count(item => PythonOrder.Equals(item, arguments.Bind(required: 1, "value")[0])),
            "index" => arguments => Index(list, arguments),
            _ when Refused.Contains(name) || name.StartsWith("__", StringComparison.Ordinal) => throw place.Lacks($"'{name}' of a list"),
            _ => null,
        };
        return body is null ? null : new Callable($"list.{name}", body);
    }

    static long Index(IReadOnlyList<object?> list, Arguments arguments)
    {
        var value = arguments.Bind(required: 1, "value")[0];
        var index = list.ToList().FindIndex(item => PythonOrder.Equals(item, value));
        return index >= 0 ? index : throw arguments.Place.Wrong($"{PythonText.Quoted(value)} is not in the list.");
    }
}
