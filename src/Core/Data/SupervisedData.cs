namespace OrtDpo.Core.Data;

/// <summary>Supervised data files to tokens, with an account of every row.</summary>
/// <param name="Rows">In the order of the files; <c>Rejected</c> is empty in each.</param>
/// <param name="Ledger">What became of every row.</param>
public sealed record SupervisedData(IReadOnlyList<PreparedPair> Rows, SupervisedLedger Ledger)
{
    /// <summary>Reads, encodes and splits all rows.</summary>
    /// <exception cref="InvalidDataException">A file is wrong, or no row is left.</exception>
    public static SupervisedData Prepare(IReadOnlyList<DataSource> data, PairEncoder encoder, SplitRule rule)
    {
        var rows = new List<PreparedPair>();
        var dropped = new SortedDictionary<DropReason, int>();
        var (input, truncated) = (0, 0);
        foreach (var source in data)
        {
            foreach (var (number, prompt, completion) in CompletionFile.Read(source.Path))
            {
                input++;
                var encoded = string.IsNullOrWhiteSpace(completion)
                    ? EncodedPair.Dropped(DropReason.EmptyChosen)
                    : encoder.EncodeSupervised(prompt, completion);
                if (encoded.Tokens is { } tokens)
                {
                    truncated += encoded.ChosenCut > 0 ? 1 : 0;
                    rows.Add(new PreparedPair(source.Name, number, PromptHash.SplitOf(prompt, rule.Seed, rule.EvalFraction), tokens));
                }
                else
                {
                    var reason = encoded.Drop!.Value;
                    dropped[reason] = dropped.GetValueOrDefault(reason) + 1;
                }
            }
        }

        var ledger = new SupervisedLedger(input, rows.Count - truncated, truncated, dropped.Values.Sum(), dropped);
        return rows.Count > 0 ? new SupervisedData(rows, ledger) : throw new InvalidDataException($"No row of the data can be used. {ledger}");
    }
}

/// <summary>What became of every row of supervised data; the counts of kept and dropped rows sum to <paramref name="Input"/>.</summary>
/// <param name="Input">Rows read.</param>
/// <param name="KeptWhole">Rows used as they are.</param>
/// <param name="KeptTruncated">Rows used with their completion cut.</param>
/// <param name="Dropped">Rows not used.</param>
/// <param name="DroppedByReason">The same by reason; <c>empty_chosen</c> is a completion of white space.</param>
public sealed record SupervisedLedger(
    int Input, int KeptWhole, int KeptTruncated, int Dropped, IReadOnlyDictionary<DropReason, int> DroppedByReason)
{
    public override string ToString() => FormattableString.Invariant(
        $"{Input} rows: {KeptWhole} kept whole, {KeptTruncated} kept truncated, {Dropped} dropped.");
}
