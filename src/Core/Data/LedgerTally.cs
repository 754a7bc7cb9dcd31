using OrtDpo.Core.Runs;

namespace OrtDpo.Core.Data;

/// <summary>Counts what becomes of the rows as they are read.</summary>
internal sealed class LedgerTally(int? eosId)
{
    readonly List<LedgerSource> sources = [];
    readonly SortedDictionary<DropReason, List<string>> dropped = [];
    readonly List<TruncatedRow> truncated = [];
    readonly List<int> promptLengths = [];
    readonly List<int> chosenLengths = [];
    readonly List<int> rejectedLengths = [];
    int input;
    int keptWhole;
    int otherShards;
    int eval;
    int leakedEval;
    int boundary;
    int identical;
    int endsWithEos;

    internal void Source(DataSource source, int rows) => sources.Add(new LedgerSource(source.Name, FileDigest.OfFile(source.Path), rows));

    internal void OtherShard()
    {
        input++;
        otherShards++;
    }

    internal void Add(string id, EncodedPair pair, Split split, bool leaked)
    {
        input++;
        if (pair.Tokens is not { } tokens)
        {
            var reason = pair.Drop!.Value;
            if (!dropped.TryGetValue(reason, out var rows))
            {
                dropped.Add(reason, rows = []);
            }

            rows.Add(id);
            return;
        }

        if (pair.ChosenCut + pair.RejectedCut > 0)
        {
            truncated.Add(new TruncatedRow(id, pair.ChosenCut, pair.RejectedCut));
        }
        else
        {
            keptWhole++;
        }

        eval += split == Split.Eval ? 1 : 0;
        leakedEval += leaked ? 1 : 0;
        boundary += pair.Boundary ? 1 : 0;
        identical += tokens.Chosen.AsSpan().SequenceEqual(tokens.Rejected) ? 1 : 0;
        endsWithEos += (tokens.Chosen[^1] == eosId ? 1 : 0) + (tokens.Rejected[^1] == eosId ? 1 : 0);
        promptLengths.Add(tokens.Prompt.Length);
        chosenLengths.Add(tokens.Chosen.Length);
        rejectedLengths.Add(tokens.Rejected.Length);
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
            Train = kept - eval,
            Eval = eval,
            LeakedEval = leakedEval,
            Boundary = boundary,
            IdenticalCompletions = identical,
            EosShare = kept == 0 ? 0 : endsWithEos / (2.0 * kept),
            PromptTokens = LengthSummary.Of(promptLengths),
            ChosenTokens = LengthSummary.Of(chosenLengths),
            RejectedTokens = LengthSummary.Of(rejectedLengths),
            DroppedRows = dropped.ToDictionary(d => d.Key, d => (IReadOnlyList<string>)d.Value),
            TruncatedRows = truncated,
        };
    }
}
