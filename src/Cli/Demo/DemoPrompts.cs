namespace OrtDpo.Cli.Demo;

/// <summary>Prompts that both models answer; none occurs in the training pairs.</summary>
static class DemoPrompts
{
    public static IReadOnlyList<string> Held { get; } = [];
}
