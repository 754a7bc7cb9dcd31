namespace OrtDpo.Logs.Mlflow;

/// <summary>An MLflow server that is to have a run, and what the run is called there.</summary>
/// <exception cref="ArgumentException">A property is set to what MLflow does not take.</exception>
public sealed record MlflowOptions
{
    // What all of MLflow's stores take.
    const int MaxExperimentLength = 500;
    const int MaxTags = 50;

    /// <summary>
    /// The server's address, <c>http</c> or <c>https</c>, such as <c>http://localhost:5000</c>; calls go to <c>api/2.0/mlflow/…</c> below
    /// it. It holds no password, which would come into the run's files: those are <see cref="Credentials"/>.
    /// </summary>
    public required Uri Server
    {
        get;
        init => field = value switch
        {
            { IsAbsoluteUri: false } or { Scheme: not ("http" or "https") } or { UserInfo.Length: > 0 } =>
                throw NoServer(value.OriginalString),
            { Query.Length: > 0 } or { Fragment.Length: > 0 } => throw new ArgumentException(
                $"`Mlflow` is '{value.GetLeftPart(UriPartial.Path)}' with '?' or '#' behind it; such an address has no paths below it."),
            _ => value,
        };
    }

    /// <summary>The experiment that the run belongs to, by name; it is made where there is none.</summary>
    public string Experiment
    {
        get;
        init => field = value.Length is > 0 and <= MaxExperimentLength
            ? value
            : throw new ArgumentException($"`Experiment` has {value.Length} characters; it must have 1 to {MaxExperimentLength}.");
    } = "ortdpo";

    /// <summary>What the run is called there; null: as its folder.</summary>
    public string? RunName { get; init; }

    /// <summary>Tags of the run beside its own.</summary>
    public IReadOnlyDictionary<string, string> Tags
    {
        get;
        init => field = value.Count <= MaxTags
            ? value.ToDictionary(tag => RequireKey(tag.Key), tag => RequireValue(tag.Key, tag.Value), StringComparer.Ordinal)
            : throw new ArgumentException($"`Tags` are {value.Count}; they must be {MaxTags} at most.");
    } = new Dictionary<string, string>();

    /// <summary>What the server asks for; null: nothing.</summary>
    public MlflowCredentials? Credentials { get; init; }

    /// <summary>The server's address that somebody has written.</summary>
    /// <exception cref="ArgumentException">It is none; the message holds no password.</exception>
    public static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var server) ? server : throw NoServer(text);

    // A password may make it anything: another scheme, a port that is none.
    static ArgumentException NoServer(string text) => new(text.Contains('@', StringComparison.Ordinal)
        ? "`Mlflow` holds a user or a password, which would stand in the run's files. Put them into the environment, as "
            + $"{MlflowCredentials.UserVariable} and {MlflowCredentials.PasswordVariable}."
        : $"`Mlflow` is '{text}'; it must be the address of a server, such as http://localhost:5000.");

    static string RequireKey(string key) => key == MlflowText.Key(key)
        ? key
        : throw new ArgumentException($"`Tags` has the key '{key}'; a key has letters, digits, '_', '-', '.', ' ' and '/', is a "
            + $"relative path without empty parts, '.' and '..', and takes {MlflowText.MaxKeyBytes} bytes at most.");

    static string RequireValue(string key, string value) => value == MlflowText.Cut(value, MlflowText.MaxTagBytes)
        ? value
        : throw new ArgumentException($"`Tags` has a value of '{key}' that takes more than {MlflowText.MaxTagBytes} bytes.");
}
