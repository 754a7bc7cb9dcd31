using System.Text.Json.Serialization;

namespace OrtDpo.Data;

/// <summary>
/// What became of every row of the data; <c>ledger.json</c>. <see cref="KeptWhole"/>, <see cref="KeptTruncated"/>, <see cref="Dropped"/>,
/// <see cref="OtherShards"/>, <see cref="LeftOut"/> and <see cref="BeyondMaxRows"/> sum to <see cref="Input"/>.
/// </summary>
public sealed record Ledger
{
    /// <summary>The files read.</summary>
    public required IReadOnlyList<LedgerSource> Sources { get; init; }

    /// <summary>Rows read.</summary>
    public required int Input { get; init; }

    /// <summary>Rows used as they are.</summary>
    public required int KeptWhole { get; init; }

    /// <summary>Rows used with a completion or the prompt cut.</summary>
    public required int KeptTruncated { get; init; }

    /// <summary>Rows not used.</summary>
    public required int Dropped { get; init; }

    /// <summary>Rows whose prompt belongs to another shard.</summary>
    public required int OtherShards { get; init; }

    /// <summary>Rows that the weight of their source leaves out.</summary>
    public int LeftOut { get; init; }

    /// <summary>Training rows that a bound on their number leaves out; not written where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int BeyondMaxRows { get; init; }

    /// <summary>The bound on the training rows; null, and not written: there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LedgerLimit? Limit { get; init; }

    /// <summary>Copies of kept rows beyond the first, by a weight above 1.</summary>
    public int Repeated { get; init; }

    /// <summary>Kept rows for training, each counted once.</summary>
    public required int Train { get; init; }

    /// <summary>Kept rows that are held out.</summary>
    public required int Eval { get; init; }

    /// <summary>Held-out rows whose prompt is also in the training data; an error unless leaks are allowed.</summary>
    public required int LeakedEval { get; init; }

    /// <summary>
    /// Kept rows in which a prompt and a completion merge at their boundary, so that the completion was encoded by itself.
    /// </summary>
    public required int Boundary { get; init; }

    /// <summary>Kept rows that are labelled as desirable; null where rows have no label.</summary>
    public required int? Desirable { get; init; }

    /// <summary>Kept rows whose two completions are the same tokens: nothing can be learned from them.</summary>
    public required int IdenticalCompletions { get; init; }

    /// <summary>Share of completions whose last scored token is the end-of-sequence token.</summary>
    public required double EosShare { get; init; }

    /// <summary>Lengths of prompts, in tokens.</summary>
    public required LengthSummary PromptTokens { get; init; }

    /// <summary>Lengths of chosen (or only) completions, in tokens.</summary>
    public required LengthSummary ChosenTokens { get; init; }

    /// <summary>Lengths of rejected completions, in tokens; zeros where there are none.</summary>
    public required LengthSummary RejectedTokens { get; init; }

    /// <summary>The rows not used ("source:row"), by reason.</summary>
    public required IReadOnlyDictionary<DropReason, IReadOnlyList<string>> DroppedRows { get; init; }

    /// <summary>What the chat template says against the rows of messages that it makes no text of.</summary>
    public IReadOnlyList<RefusedRow> Refusals { get; init; } = [];

    /// <summary>The rows cut, and by how much.</summary>
    public required IReadOnlyList<TruncatedRow> TruncatedRows { get; init; }

    /// <summary>What the chat template loses of kept rows, or has scored of them; null, and not written, where there is nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LedgerLoss>? TemplateLosses { get; init; }

    /// <summary>
    /// Kept pairs whose scores say that the rejected completion is the better one; null, and not written, where there are none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ScoreContradictions? ContradictingScores { get; init; }

    /// <summary>Columns that no row is made of; null, and not written, where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LedgerColumn>? PassedOverColumns { get; init; }

    /// <summary>Files of the folders given that are not read; null, and not written, where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? PassedOverFiles { get; init; }

    /// <summary>Which turns of whole conversations are rows; null, and not written, where no row is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TurnSummary? Turns { get; init; }

    /// <summary>What was made of ranked completions; null, and not written, where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RankedSummary? Ranked { get; init; }
}

/// <summary>Pairs made of ranked completions; copies by a weight above 1 are not counted.</summary>
/// <param name="Choice">Which pairs: <c>best-worst</c>, <c>best-rest</c>, <c>adjacent</c> or <c>all</c>.</param>
/// <param name="Rows">Kept rows.</param>
/// <param name="Completions">Completions that the pairs need, each of which is scored once.</param>
/// <param name="Pairs">Pairs.</param>
public sealed record RankedSummary(string Choice, int Rows, int Completions, int Pairs);

/// <summary>A bound on the training rows.</summary>
/// <param name="MaxRows">How many there are at most.</param>
/// <param name="Of">How many could be trained on, in all shards.</param>
/// <param name="Seed">Which of them come first.</param>
public sealed record LedgerLimit(int MaxRows, int Of, long Seed);

/// <summary>The assistant's turns that are learned of whole conversations.</summary>
/// <param name="Choice">Which: <c>last</c> or <c>all</c>.</param>
/// <param name="Conversations">Conversations, each a row of a file.</param>
/// <param name="Rows">Rows that they become.</param>
public sealed record TurnSummary(string Choice, int Conversations, int Rows);

/// <summary>A file that was read.</summary>
/// <param name="Name">The name that its rows carry.</param>
/// <param name="Sha256">Of the file as it lies on the disk.</param>
/// <param name="Rows">Rows in it.</param>
/// <param name="Weight">How often its training rows are used, on average.</param>
public sealed record LedgerSource(string Name, string Sha256, int Rows, double Weight = 1)
{
    /// <summary>The name of the set that its rows are held out with; null, and not written: it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Set { get; init; }

    /// <summary>The names of sets by the names of the files that are in one.</summary>
    internal static SortedDictionary<string, string> Sets(IEnumerable<LedgerSource> sources) => new(
        sources.Where(source => source.Set is not null).ToDictionary(source => source.Name, source => source.Set!),
        StringComparer.Ordinal);
}

/// <summary>What a chat template loses of rows.</summary>
/// <param name="Kind">What.</param>
/// <param name="Rows">Kept rows concerned.</param>
/// <param name="LostShare">Share of the characters of these messages that is lost, or that is not the model's own.</param>
/// <param name="Example">The first of the rows, "source:row".</param>
public sealed record LedgerLoss(TemplateLossKind Kind, int Rows, double LostShare, string Example);

/// <summary>Pairs whose scores contradict their labels.</summary>
/// <param name="Rows">Kept rows of which the rejected completion has the higher score.</param>
/// <param name="Of">Kept rows that have scores of both completions.</param>
/// <param name="Example">The first of <paramref name="Rows"/>, "source:row".</param>
/// <param name="ChosenScore">Its chosen completion's score.</param>
/// <param name="RejectedScore">Its rejected completion's score.</param>
public sealed record ScoreContradictions(int Rows, int Of, string Example, double ChosenScore, double RejectedScore);

/// <summary>A column that is merely not used.</summary>
/// <param name="Source">The name of the file.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Example">What its first row has, as JSON, cut where it is long; null where its type is not read.</param>
public sealed record LedgerColumn(string Source, string Name, string Type, string? Example);

/// <summary>A row of which something was cut.</summary>
/// <param name="Row">"source:row".</param>
/// <param name="ChosenTokensCut">Tokens cut off the chosen completion's end.</param>
/// <param name="RejectedTokensCut">Tokens cut off the rejected completion's end.</param>
/// <param name="PromptTokensCut">Tokens cut off the prompt's beginning.</param>
public sealed record TruncatedRow(string Row, int ChosenTokensCut, int RejectedTokensCut, int PromptTokensCut = 0)
{
    /// <summary>Tokens cut off the end of each of several ranked completions; null, and not written, for other rows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? CompletionTokensCut { get; init; }

    /// <summary>Tokens cut off the ends of completions.</summary>
    internal long OfCompletions => CompletionTokensCut?.Sum() ?? (long)ChosenTokensCut + RejectedTokensCut;
}

/// <summary>A row of messages that a chat template makes no text of.</summary>
/// <param name="Row">"source:row".</param>
/// <param name="Message">What the template says, or what was found.</param>
public sealed record RefusedRow(string Row, string Message);
