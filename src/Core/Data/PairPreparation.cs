namespace OrtDpo.Core.Data;

/// <summary>Data files to tokens, with an account of every row.</summary>
public static class PairPreparation
{
    /// <summary>Reads, encodes and splits all rows.</summary>
    /// <param name="kind">What the rows are.</param>
    /// <param name="data">The files, and which rows are held out.</param>
    /// <param name="encoder">Text to tokens.</param>
    /// <param name="shard">Which prompts are this run's.</param>
    /// <param name="seen">Called for each row of the shard with what became of it; null = nobody asks.</param>
    /// <exception cref="InvalidDataException">A file is wrong, no row is left, or a prompt is in both kinds of data.</exception>
    public static PreparedPairs Prepare(
        RowKind kind, DataSettings data, PairEncoder encoder, Shard shard, Action<PairText, EncodedPair, Split>? seen = null)
    {
        var rule = data.Split;
        var tally = new LedgerTally(encoder.EosId, kind);
        var leaks = new LeakCheck(rule.AllowLeak);
        var pairs = new List<PreparedPair>();
        PairText? shown = null;
        foreach (var (source, isEval) in data.Files.Select(file => (file, false)).Concat(data.EvalFiles.Select(file => (file, true))))
        {
            var rows = 0;
            foreach (var (text, ahead) in RowEncoding.Ahead(RowFile.Read(source, kind, encoder.Conversations), Encode))
            {
                rows++;
                var leaked = data.EvalFiles.Count > 0 && text.Unusable is null && leaks.Leaks(text, isEval);
                if (ahead is not { } encoded)
                {
                    tally.OtherShard();
                    continue;
                }

                var split = isEval ? Split.Eval : PromptHash.SplitOf(text.Prompt, rule.Seed, rule.EvalFraction);
                tally.Add(text, encoded, split, leaked);
                seen?.Invoke(text, encoded, split);
                if (encoded.Tokens is { } tokens)
                {
                    shown ??= text;
                    pairs.Add(new PreparedPair(text.Source, text.SourceRow, split, tokens) { Desirable = text.Desirable });
                }
            }

            tally.Source(source, rows);
        }

        encoder.Conversations?.RequireEffectOfDate();
        var ledger = tally.ToLedger();
        leaks.ThrowIfLeaked();
        return shown is null
            ? throw new InvalidDataException($"No row of the data can be used. {string.Join(' ', LedgerText.Rows(ledger).Select(line => line.Trim())).TrimEnd('.')}.")
            : new PreparedPairs(pairs, ledger, shown);

        // Rows of other shards are looked at for leaks, and not encoded.
        EncodedPair? Encode(PairText text) => shard.Holds(text.Prompt) ? encoder.Encode(text) : null;
    }
}

/// <summary>The rows to use, and the account of all.</summary>
/// <param name="Pairs">In the order of the files.</param>
/// <param name="Ledger">What became of every row.</param>
/// <param name="FirstText">The text of the first of <paramref name="Pairs"/>, to be shown beside its tokens.</param>
public sealed record PreparedPairs(IReadOnlyList<PreparedPair> Pairs, Ledger Ledger, PairText FirstText);
