using OrtDpo.Batches;
using OrtDpo.Data.Ranked;

namespace OrtDpo.Data;

/// <summary>Data files to tokens, with an account of every row.</summary>
public static class ExamplePreparation
{
    /// <summary>Reads, encodes and splits all rows.</summary>
    /// <param name="kind">What the rows are.</param>
    /// <param name="data">The files, and which rows are held out.</param>
    /// <param name="encoder">Text to tokens.</param>
    /// <param name="shard">Which prompts are this run's.</param>
    /// <param name="seen">
    /// Called for each row of the shard with what became of it and how often its source's weight uses it; null = nobody asks.
    /// </param>
    /// <exception cref="InvalidDataException">A file is wrong, no row is left, or a prompt is in both kinds of data.</exception>
    public static PreparedData Prepare(
        RowKind kind, DataSettings data, ExampleEncoder encoder, Shard shard, Action<ExampleText, EncodedExample, Split, int>? seen = null)
    {
        var rule = data.Split;
        var tally = new LedgerTally(kind, data.Pairs ?? PairChoice.BestWorst, data.Turns ?? ScoredTurns.Last);
        var leaks = new LeakCheck(rule.AllowLeak);
        var ratios = new ScoreRatioFilter(data.MinScoreRatio);
        var limit = Limit(kind, data, encoder, ratios);
        tally.Limit = limit is null ? null : new LedgerLimit(data.MaxRows!.Value, limit.Of, rule.Seed);
        var examples = new List<PreparedExample>();
        ExampleText? shown = null;
        foreach (var (source, isEval) in data.Files.Select(file => (file, false)).Concat(data.EvalFiles.Select(file => (file, true))))
        {
            var rows = 0;
            var texts = RowFile.Read(
                source, kind, encoder.Conversations, data.Pairs ?? PairChoice.BestWorst, column => tally.PassOver(source, column))
                .Select(ratios.Apply);
            foreach (var (text, row) in RowEncoding.Ahead(texts, text => Take(text, source.Weight, isEval)))
            {
                rows++;
                tally.Read(text);
                var leaked = data.EvalFiles.Count > 0 && text.Unusable is null && row.Copies > 0 && leaks.Leaks(text, isEval);
                if (!row.IsOurs)
                {
                    tally.OfOtherShard();
                    continue;
                }

                if (row.Encoded is not { } encoded)
                {
                    tally.LeaveOut(row.IsBeyondMaxRows);
                    continue;
                }

                tally.Add(text, encoded, row.Split, leaked, row.Copies);
                seen?.Invoke(text, encoded, row.Split, row.Copies);
                if (encoded.Tokens is { } tokens)
                {
                    shown ??= text;
                    examples.AddRange(Enumerable.Repeat(new PreparedExample(text.Source, text.SourceRow, row.Split, tokens), row.Copies));
                }
            }

            tally.Source(source, rows);
        }

        encoder.Conversations?.RequireEffectOfTemplate();
        encoder.Conversations?.RequireEffectOfDate();
        encoder.Conversations?.RequireEffectOfVariables();
        ratios.RequireEffect();
        var ledger = tally.ToLedger(data.PassedOverFiles);
        RequireEffectOfPairs(data, ledger);
        Conversations.RequireEffectOfTurns(data, ledger);
        leaks.ThrowIfLeaked();
        return shown is null
            ? throw new InvalidDataException(
                $"No row of the data can be used. {string.Join(' ', LedgerText.Rows(ledger).Select(line => line.Trim())).TrimEnd('.')}.")
            : new PreparedData(examples, ledger, shown);

        // Rows of other shards are looked at for leaks; neither they nor rows that are left out are encoded.
        Row Take(ExampleText text, double weight, bool isEval)
        {
            var (split, copies) = Use(rule, text, weight, isEval);
            var isBeyond = split == Split.Train && text.Unusable is null && copies > 0 && limit?.Holds(text) == false;
            copies = isBeyond ? 0 : copies;
            var isOurs = shard.Holds(text.DecidedBy);
            return new Row(isOurs, split, copies, isBeyond, isOurs && copies > 0 ? encoder.Encode(text) : null);
        }
    }

    static (Split Split, int Copies) Use(SplitRule rule, ExampleText text, double weight, bool isEval)
    {
        var split = isEval ? Split.Eval : PromptHash.SplitOf(text.DecidedBy, rule.Seed, rule.EvalFraction);
        // A row that cannot be used is accounted for as such, whatever its source weighs.
        return (split, split == Split.Eval || text.Unusable is not null ? 1 : PromptHash.Copies(text.DecidedBy, rule.Seed, weight));
    }

    // Which rows come first is known when all have been read and encoded once: the files are read twice.
    static RowLimit? Limit(RowKind kind, DataSettings data, ExampleEncoder encoder, ScoreRatioFilter ratios)
    {
        if (data.MaxRows is not { } most)
        {
            return null;
        }

        var limit = new RowLimit(most, data.Split.Seed);
        foreach (var source in data.Files)
        {
            var texts = RowFile.Read(source, kind, encoder.Conversations, data.Pairs ?? PairChoice.BestWorst).Select(ratios.Apply)
                .Where(text => text.Unusable is null && Use(data.Split, text, source.Weight, isEval: false) is (Split.Train, > 0));
            // What has no room is dropped, and does not count.
            foreach (var (text, _) in RowEncoding.Ahead(texts, text => encoder.Encode(text).Tokens is not null).Where(row => row.Encoded))
            {
                limit.Add(text);
            }
        }

        return limit;
    }

    static void RequireEffectOfPairs(DataSettings data, Ledger ledger)
    {
        if (data.Pairs is not null && ledger.Ranked is null)
        {
            throw new InvalidDataException("`Pairs` has no effect: no row has ranked completions. Leave it out.");
        }
    }

    readonly record struct Row(bool IsOurs, Split Split, int Copies, bool IsBeyondMaxRows, EncodedExample? Encoded);
}

/// <summary>The rows to use, and the account of all.</summary>
/// <param name="Examples">In the order of the files.</param>
/// <param name="Ledger">What became of every row.</param>
/// <param name="FirstText">The text of the first of <paramref name="Examples"/>, to be shown beside its tokens.</param>
public sealed record PreparedData(IReadOnlyList<PreparedExample> Examples, Ledger Ledger, ExampleText FirstText);
