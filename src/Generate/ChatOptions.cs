namespace OrtDpo.Generate;

/// <summary>How a chat goes.</summary>
public sealed record ChatOptions
{
    /// <summary>What the system says before the first message; null: nothing.</summary>
    public string? System { get; init; }

    /// <summary>How answers are generated. The sample that it names is that of the first answer, and each has the next.</summary>
    public GenerationOptions Generation { get; init; } = new() { MaxNewTokens = 512 };

    /// <summary>What writes the messages; by default the model's own chat template.</summary>
    public TemplateOptions Template { get; init; } = new();
}
