using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests.Ship;

/// <summary>What <c>ortdpo ship --json</c> said and ended with.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Report">The object on stdout.</param>
/// <param name="Error">All of stderr.</param>
sealed record Shipped(int ExitCode, JsonObject Report, string Error)
{
    /// <summary>Runs the gate; the command must get as far as a report.</summary>
    public static Shipped Of(params IEnumerable<string> arguments) => Of(OrtDpoProgram.Run(["ship", .. arguments, "--json"]));

    /// <summary>The same as a process.</summary>
    public static Shipped OfProcess(params IEnumerable<string> arguments) =>
        Of(OrtDpoProgram.RunProcess(["ship", .. arguments, "--json"]));

    static Shipped Of(ProgramRun run)
    {
        Assert.True(run.Output.Length > 0, run.Error);
        return new Shipped(run.ExitCode, JsonNode.Parse(run.Output)!.AsObject(), run.Error);
    }

    /// <summary>A check.</summary>
    public JsonNode Check(string name) => Checks.Single(check => (string)check["name"]! == name);

    /// <summary>The names of the checks that came to something.</summary>
    public string[] That(string verdict) =>
        [.. Checks.Where(check => (string)check["verdict"]! == verdict).Select(check => (string)check["name"]!)];

    IEnumerable<JsonNode> Checks => Report["checks"]!.AsArray().Select(check => check!);
}
