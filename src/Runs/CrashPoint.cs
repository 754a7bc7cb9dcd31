namespace OrtDpo.Runs;

/// <summary>The places around file operations where a process may die; tests make it die at each of them.</summary>
static class CrashPoint
{
    // Flows with the caller, so that tests that run side by side do not meet.
    static readonly AsyncLocal<Action<string>?> Watcher = new();

    /// <summary>
    /// Calls <paramref name="reached"/> at every point from here on, within this flow of execution; it may throw. Null stops that.
    /// </summary>
    internal static void Watch(Action<string>? reached) => Watcher.Value = reached;

    /// <summary>Marks a point.</summary>
    internal static void Reached(string point) => Watcher.Value?.Invoke(point);
}
