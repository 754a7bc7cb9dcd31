using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Data;

/// <summary>Counts what becomes of the rows as they are read.</summary>
sealed class LedgerTally(int? eosId, RowKind kind)
{
    readonly List<LedgerSource> sources = [];
    readonly SortedDictionary<DropReason, List<string>> dropped = [];
    readonly List<RefusedRow> refusals = [];
    readonly List<TruncatedRow> truncated = [];
    readonly List<int> promptLengths = [];
    readonly List<int> chosenLengths = [];
    readonly List<int> rejectedLengths = [];
    int input;
    int keptWhole;
    int otherShards;
    int leftOut;
    int repeated;
    int eval;
    int leakedEval;
    int boundary;
    int identical;
    int desirable;
    int completions;
    int ended;

    internal void Source(DataSource source, int rows) =>
        sources.Add(new LedgerSource(source.Name, FileDigest.OfFile(source.Path), rows, source.Weight));

    // Of another shard, or left out by the weight of its source.
    internal void NotTaken(bool isOtherShards)
    {
        input++;
        otherShards += isOtherShards ? 1 : 0;
        leftOut += isOtherShards ? 0 : 1;
    }

    internal void Add(PairText text, EncodedPair pair, Split split, bool leaked, int copies)
    {
        input++;
        if (pair.Tokens is not { } tokens)
        {
            var reason = pair.Drop!.Value;
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

        if (pair.IsCut)
        {
            truncated.Add(new TruncatedRow(text.Id, pair.ChosenCut, pair.RejectedCut, pair.PromptCut));
        }
        else
        {
            keptWhole++;
        }

        repeated += copies - 1;
        eval += split == Split.Eval ? 1 : 0;
        leakedEval += leaked ? 1 : 0;
        boundary += pair.Boundary ? 1 : 0;
        ended += pair.Ended;
        desirable += text.Desirable == true ? 1 : 0;
        identical += tokens.Chosen.AsSpan().SequenceEqual(tokens.Rejected) ? 1 : 0;
        promptLengths.Add(tokens.Prompt.Length);
        Completion(tokens.Chosen, chosenLengths);
        if (tokens.IsPair)
        {
            Completion(tokens.Rejected, rejectedLengths);
        }
    }

    void Completion(int[] tokens, List<int> lengths)
    {
        completions++;
        lengths.Add(tokens.Length);
    }

    internal Ledger ToLedger()
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
            Repeated = repeated,
            Train = kept - eval,
            Eval = eval,
            LeakedEval = leakedEval,
            Boundary = boundary,
            Desirable = kind == RowKind.Unpaired ? desirable : null,
            IdenticalCompletions = identical,
            // Without an end-of-sequence token none is ended.
            EosShare = kept == 0 || eosId is null ? 0 : (double)ended / completions,
            PromptTokens = LengthSummary.Of(promptLengths),
            ChosenTokens = LengthSummary.Of(chosenLengths),
            RejectedTokens = LengthSummary.Of(rejectedLengths),
            DroppedRows = dropped.ToDictionary(d => d.Key, d => (IReadOnlyList<string>)d.Value),
            Refusals = refusals,
            TruncatedRows = truncated,
        };
    }
}
