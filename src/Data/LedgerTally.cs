using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Data.Ranked;
using OrtDpo.Runs;

namespace OrtDpo.Data;

/// <summary>Counts what becomes of the rows as they are read.</summary>
sealed class LedgerTally(RowKind kind, PairChoice choice, ScoredTurns scored)
{
    readonly List<LedgerSource> sources = [];
    readonly SortedDictionary<DropReason, List<string>> dropped = [];
    readonly List<RefusedRow> refusals = [];
    readonly List<LedgerColumn> passedOver = [];
    readonly LossTally losses = new();
    readonly List<TruncatedRow> truncated = [];
    readonly List<int> promptLengths = [];
    readonly List<int> chosenLengths = [];
    readonly List<int> rejectedLengths = [];
    int input;
    int keptWhole;
    int otherShards;
    int leftOut;
    int beyondMaxRows;
    int repeated;
    int eval;
    int leakedEval;
    int boundary;
    int identical;
    int desirable;
    int completions;
    int ended;
    bool hasRanked;
    int conversations;
    int turns;
    int withScores;
    int contradicting;
    (string Row, PairScores Scores)? contradiction;
    int pairs;

    internal void Source(DataSource source, int rows) =>
        sources.Add(new LedgerSource(source.Name, FileDigest.OfFile(source.Path), rows, source.Weight) { Set = source.Set });

    /// <summary>Notes a column that no row of the file is made of.</summary>
    internal void PassOver(DataSource source, UnreadColumn column) =>
        passedOver.Add(new LedgerColumn(source.Name, column.Name, column.Type, column.Example));

    /// <summary>Notes a row, whosever it is.</summary>
    internal void Read(ExampleText text)
    {
        hasRanked |= text.IsRanked;
        turns += text.Turn is null ? 0 : 1;
        conversations += text.Turn is (1, _) ? 1 : 0;
    }

    /// <summary>The bound on the training rows; null: there is none.</summary>
    internal LedgerLimit? Limit { get; set; }

    /// <summary>Counts a row of another shard.</summary>
    internal void OfOtherShard()
    {
        input++;
        otherShards++;
    }

    /// <summary>Counts a row that the weight of its source leaves out, or the bound on their number.</summary>
    internal void LeaveOut(bool isBeyondMaxRows)
    {
        input++;
        beyondMaxRows += isBeyondMaxRows ? 1 : 0;
        leftOut += isBeyondMaxRows ? 0 : 1;
    }

    internal void Add(ExampleText text, EncodedExample row, Split split, bool leaked, int copies)
    {
        input++;
        if (row.Tokens is not { } tokens)
        {
            var reason = row.Drop!.Value;
            if (!dropped.TryGetValue(reason, out var rows))
            {
                dropped.Add(reason, rows = []);
            }

            rows.Add(text.Id);
            if (text.Refusal is { } refusal)
            {
                refusals.Add(new RefusedRow(text.Id, refusal));
            }

            return;
        }

        if (row.IsCut)
        {
            truncated.Add(Truncated(text.Id, row));
        }
        else
        {
            keptWhole++;
        }

        losses.Add(text);
        AddScores(text);
        repeated += copies - 1;
        eval += split == Split.Eval ? 1 : 0;
        leakedEval += leaked ? 1 : 0;
        boundary += row.Boundary ? 1 : 0;
        ended += row.Ended;
        desirable += tokens.Known is Judgement.Label { IsDesirable: true } ? 1 : 0;
        promptLengths.Add(tokens.Prompt.Length);
        pairs += tokens.Known.Pairs.Count;
        completions += tokens.Completions.Count;
        if (tokens.Known.Pairs.Count == 0)
        {
            chosenLengths.Add(tokens.Completions[0].Length);
        }

        foreach (var (chosen, rejected) in tokens.Known.Pairs)
        {
            chosenLengths.Add(tokens.Completions[chosen].Length);
            rejectedLengths.Add(tokens.Completions[rejected].Length);
            identical += tokens.Completions[chosen].AsSpan().SequenceEqual(tokens.Completions[rejected]) ? 1 : 0;
        }
    }

    void AddScores(ExampleText text)
    {
        if (text.Scores is { } scores)
        {
            withScores++;
            contradicting += scores.Contradict ? 1 : 0;
            contradiction ??= scores.Contradict ? (text.Id, scores) : null;
        }
    }

    static TruncatedRow Truncated(string id, EncodedExample row)
    {
        return row.Tokens!.Known.Pairs.Count > 1
            ? new TruncatedRow(id, 0, 0, row.PromptCut) { CompletionTokensCut = row.Cut }
            : new TruncatedRow(id, row.Cut[0], row.Cut.Count > 1 ? row.Cut[1] : 0, row.PromptCut);
    }

    internal Ledger ToLedger(IReadOnlyList<string> passedOverFiles)
    {
        var kept = promptLengths.Count;
        return new Ledger
        {
            Sources = sources,
            Input = input,
            KeptWhole = keptWhole,
            KeptTruncated = truncated.Count,
            Dropped = dropped.Values.Sum(rows => rows.Count),
            OtherShards = otherShards,
            LeftOut = leftOut,
            BeyondMaxRows = beyondMaxRows,
            Limit = Limit,
            Repeated = repeated,
            Train = kept - eval,
            Eval = eval,
            LeakedEval = leakedEval,
            Boundary = boundary,
            Desirable = kind == RowKind.Unpaired ? desirable : null,
            IdenticalCompletions = identical,
            EosShare = kept == 0 ? 0 : (double)ended / completions,
            PromptTokens = LengthSummary.Of(promptLengths),
            ChosenTokens = LengthSummary.Of(chosenLengths),
            RejectedTokens = LengthSummary.Of(rejectedLengths),
            DroppedRows = dropped.ToDictionary(d => d.Key, d => (IReadOnlyList<string>)d.Value),
            Refusals = refusals,
            TruncatedRows = truncated,
            TemplateLosses = losses.ToLedger(),
            ContradictingScores = contradiction is var (row, scores)
                ? new ScoreContradictions(contradicting, withScores, row, scores.Chosen, scores.Rejected)
                : null,
            PassedOverColumns = passedOver.Count > 0 ? passedOver : null,
            PassedOverFiles = passedOverFiles.Count > 0 ? passedOverFiles : null,
            Turns = turns > 0
                ? new TurnSummary(JsonNamingPolicy.SnakeCaseLower.ConvertName(scored.ToString()), conversations, turns)
                : null,
            Ranked = hasRanked ? new RankedSummary(RankedPairs.NameOf(choice), kept, completions, pairs) : null,
        };
    }
}
