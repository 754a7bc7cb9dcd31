using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>A command that fails, and what it says: an entry of <c>sentences.json</c> or <c>sentences-further.json</c>.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Arguments">The command line, given in a copy of the fixtures.</param>
/// <param name="Setup">
/// What is done to the copy before: each a word of <see cref="FixtureChange"/> with what it takes; null = nothing, and the copy is shared.
/// </param>
/// <param name="ExitCode">2 for the command line, 1 for the world.</param>
/// <param name="Stderr">All of stderr, masked, without the end of its line.</param>
sealed record Sentence(
    string Name,
    string[] Arguments,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string[][]? Setup,
    int ExitCode,
    string Stderr)
{
    static readonly JsonSerializerOptions Options = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        RespectRequiredConstructorParameters = false,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Sentence[] ReadAll(string path) => JsonSerializer.Deserialize<Sentence[]>(File.ReadAllText(path), Options)!;

    public static string Write(IEnumerable<Sentence> sentences) => JsonSerializer.Serialize(sentences, Options) + "\n";
}
