using OrtDpo.Core.Runs;

namespace OrtDpo.Core.Data;

/// <summary>Counts what becomes of the rows as they are read.</summary>
internal sealed class LedgerTally(int? eosId)
{
    readonly List<LedgerSource> _sources = [];
    readonly SortedDictionary<DropReason, List<string>> _dropped = [];
    readonly List<TruncatedRow> _truncated = [];
    readonly List<int> _promptLengths = [];
    readonly List<int> _chosenLengths = [];
    readonly List<int> _rejectedLengths = [];
    int _input;
    int _keptWhole;
    int _otherShards;
    int _eval;
    int _leakedEval;
    int _boundary;
    int _identical;
    int _endsWithEos;

    internal void Source(DataSource source, int rows) => _sources.Add(new LedgerSource(source.Name, FileDigest.OfFile(source.Path), rows));

    internal void OtherShard()
    {
        _input++;
        _otherShards++;
    }

    internal void Add(string id, EncodedPair pair, Split split, bool leaked)
    {
        _input++;
        if (pair.Tokens is not { } tokens)
        {
            var reason = pair.Drop!.Value;
            if (!_dropped.TryGetValue(reason, out var rows))
            {
                _dropped.Add(reason, rows = []);
            }

            rows.Add(id);
            return;
        }

        if (pair.ChosenCut + pair.RejectedCut > 0)
        {
            _truncated.Add(new TruncatedRow(id, pair.ChosenCut, pair.RejectedCut));
        }
        else
        {
            _keptWhole++;
        }

        _eval += split == Split.Eval ? 1 : 0;
        _leakedEval += leaked ? 1 : 0;
        _boundary += pair.Boundary ? 1 : 0;
        _identical += tokens.Chosen.AsSpan().SequenceEqual(tokens.Rejected) ? 1 : 0;
        _endsWithEos += (tokens.Chosen[^1] == eosId ? 1 : 0) + (tokens.Rejected[^1] == eosId ? 1 : 0);
        _promptLengths.Add(tokens.Prompt.Length);
        _chosenLengths.Add(tokens.Chosen.Length);
        _rejectedLengths.Add(tokens.Rejected.Length);
    }

    internal Ledger ToLedger()
    {
        var kept = _promptLengths.Count;
        return new Ledger
        {
            Sources = _sources,
            Input = _input,
            KeptWhole = _keptWhole,
            KeptTruncated = _truncated.Count,
            Dropped = _dropped.Values.Sum(rows => rows.Count),
            OtherShards = _otherShards,
            Train = kept - _eval,
            Eval = _eval,
            LeakedEval = _leakedEval,
            Boundary = _boundary,
            IdenticalCompletions = _identical,
            EosShare = kept == 0 ? 0 : _endsWithEos / (2.0 * kept),
            PromptTokens = LengthSummary.Of(_promptLengths),
            ChosenTokens = LengthSummary.Of(_chosenLengths),
            RejectedTokens = LengthSummary.Of(_rejectedLengths),
            DroppedRows = _dropped.ToDictionary(d => d.Key, d => (IReadOnlyList<string>)d.Value),
            TruncatedRows = _truncated,
        };
    }
}
