using System.Net.Http.Headers;
using System.Text;

namespace OrtDpo.Logs.Mlflow;

/// <summary>
/// What an MLflow server asks for, under the names that MLflow's own clients have for it. It is sent to the server and written nowhere.
/// </summary>
public sealed class MlflowCredentials
{
    /// <summary>The variable with a token.</summary>
    public const string TokenVariable = "MLFLOW_TRACKING_TOKEN";

    /// <summary>The variable with a user's name.</summary>
    public const string UserVariable = "MLFLOW_TRACKING_USERNAME";

    /// <summary>The variable with that user's password.</summary>
    public const string PasswordVariable = "MLFLOW_TRACKING_PASSWORD";

    MlflowCredentials(AuthenticationHeaderValue header) => Header = header;

    /// <summary>The header of every request.</summary>
    internal AuthenticationHeaderValue Header { get; }

    /// <summary>A token.</summary>
    /// <exception cref="ArgumentException">It has characters that no header has.</exception>
    public static MlflowCredentials Token(string token) => token.All(c => c is > ' ' and <= '~')
        ? new(new AuthenticationHeaderValue("Bearer", token))
        : throw new ArgumentException($"The token ({TokenVariable}) holds a space, an end of line or a letter beyond ASCII; no token has.");

    /// <summary>A user and a password.</summary>
    public static MlflowCredentials User(string name, string password) =>
        new(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"))));

    /// <summary>Those of this process's environment, a user before a token, as MLflow's clients choose; null: there are none.</summary>
    /// <exception cref="ArgumentException">The token has characters that no header has.</exception>
    public static MlflowCredentials? FromEnvironment() =>
        (Variable(UserVariable), Variable(PasswordVariable), Variable(TokenVariable)) switch
        {
            ({ } name, { } password, _) => User(name, password),
            (_, _, { } token) => Token(token),
            _ => null,
        };

    // A file that was read into a variable often ends with a line's end.
    static string? Variable(string name) => Environment.GetEnvironmentVariable(name)?.Trim() is { Length: > 0 } value ? value : null;
}
