namespace OrtDpo.Page;

/// <summary><c>page.json</c>: what the page knows beside its artifacts.</summary>
sealed record PageSettings
{
    /// <summary>The file.</summary>
    public const string FileName = "page.json";

    /// <summary>What wrote the page.</summary>
    public required string MadeBy { get; init; }

    /// <summary>The model's name.</summary>
    public required string Name { get; init; }

    /// <summary>How texts become tokens.</summary>
    public required EncodingRules Rules { get; init; }

    /// <summary>What all prompts begin and end with.</summary>
    public required PromptFrame Frame { get; init; }

    /// <summary>The pairs that it begins with.</summary>
    public required IReadOnlyList<PairText> Pairs { get; init; }

    /// <summary>Texts whose ids it checks.</summary>
    public required IReadOnlyList<TokenizerProbe> Probes { get; init; }

    /// <summary>The question that stands in its field at first, without the frame.</summary>
    public required string Ask { get; init; }

    /// <summary>The learning rate at first.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Pairs of a step at first.</summary>
    public required int PairsPerStep { get; init; }

    /// <summary>Steps that it trains at once at first.</summary>
    public required int Steps { get; init; }

    /// <summary>The longest answer in tokens.</summary>
    public required int AnswerTokens { get; init; }
}
