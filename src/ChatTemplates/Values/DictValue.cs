namespace OrtDpo.ChatTemplates.Values;

/// <summary>A Python dict: keys are strings or integers, in the order in which they were added.</summary>
sealed class DictValue
{
    readonly OrderedDictionary<object, object?> entries = [];

    public int Count => entries.Count;

    public IEnumerable<object> Keys => entries.Keys;

    public IEnumerable<object?> Values => entries.Values;

    public IEnumerable<KeyValuePair<object, object?>> Entries => entries;

    public static bool CanBeKey(object? key) => key is string or long;

    public bool TryGet(object? key, out object? value)
    {
        value = null;
        return CanBeKey(key) && entries.TryGetValue(key!, out value);
    }

    public void Set(object key, object? value) => entries[key] = value;

    public DictValue Copy()
    {
        var copy = new DictValue();
        foreach (var (key, value) in entries)
        {
            copy.Set(key, value);
        }

        return copy;
    }
}
