namespace OrtDpo.ChatTemplates.Values;

/// <summary>What <c>keys()</c>, <c>values()</c> and <c>items()</c> give: can be gone through and counted, has no places.</summary>
/// <param name="Kind">Python's name of the type.</param>
/// <param name="Items">In the dict's order; those of <c>items()</c> are tuples.</param>
sealed record DictView(string Kind, IReadOnlyList<object?> Items);
