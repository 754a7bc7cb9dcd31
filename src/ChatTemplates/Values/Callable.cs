namespace OrtDpo.ChatTemplates.Values;

/// <summary>A function, a method bound to its value, or a macro.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Function">What a call gives.</param>
record Callable(string Name, Func<Arguments, object?> Function);
