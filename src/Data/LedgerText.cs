using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>The ledger in a few lines for people.</summary>
public static class LedgerText
{
    const int RowsShown = 3;

    /// <summary>One fact a line.</summary>
    public static IEnumerable<string> Lines(Ledger ledger) => [.. Rows(ledger), .. Tokens(ledger), .. PassedOver(ledger)];

    /// <summary>What a person should look at before anything is scored or trained, one warning a line.</summary>
    public static IEnumerable<string> Warnings(Ledger ledger)
    {
        foreach (var loss in ledger.TemplateLosses ?? [])
        {
            yield return $"warning: {TemplateLossText.Of(loss.Kind, loss.LostShare)} ({Rows(loss.Rows)}, such as {loss.Example})";
        }

        if (ledger.ContradictingScores is { } scores)
        {
            yield return Invariant($"warning: {ContradictingScores(scores.Rows, scores.Of)} ({scores.Example}: chosen ")
                + Invariant($"{scores.ChosenScore:R}, rejected {scores.RejectedScore:R})");
        }
    }

    /// <summary>Pairs whose scores contradict their labels, in words.</summary>
    internal static string ContradictingScores(int rows, int of) =>
        Invariant($"the rejected completion has the higher score in {rows} of {of} rows with scores of both; are the labels swapped?");

    /// <summary>How many rows were kept and dropped, and why.</summary>
    internal static IEnumerable<string> Rows(Ledger ledger)
    {
        var others = (ledger.OtherShards > 0 ? Invariant($", {ledger.OtherShards} of other shards") : "")
            + (ledger.BeyondMaxRows > 0 ? Invariant($", {ledger.BeyondMaxRows} beyond max rows") : "");
        yield return Invariant($"{Rows(ledger.Input)}: {ledger.KeptWhole} kept whole, {ledger.KeptTruncated} kept truncated, ")
            + Invariant($"{ledger.Dropped} dropped{others}.");
        if (ledger.Sources.Any(source => source.Weight != 1))
        {
            var weights = string.Join(
                ", ", ledger.Sources.Where(source => source.Weight != 1).Select(source => Invariant($"{source.Name} {source.Weight:R}")));
            yield return Invariant($"weights ({weights}): {ledger.LeftOut} training rows left out, {ledger.Repeated} copies added.");
        }

        if (ledger.Sources.Any(source => source.Set is not null))
        {
            yield return $"held-out sets: {string.Join("; ", ledger.Sources.Where(source => source.Set is not null)
                .GroupBy(source => source.Set!)
                .OrderBy(set => set.Key, StringComparer.Ordinal)
                .Select(set => $"{set.Key} ({string.Join(", ", set.Select(source => source.Name))})"))}.";
        }

        if (ledger.Limit is { } limit)
        {
            yield return limit.MaxRows < limit.Of
                ? Invariant($"max rows: the first {limit.MaxRows} of {limit.Of} training rows, in the order of seed {limit.Seed}")
                : Invariant($"max rows: all {limit.Of} training rows, which are no more than {limit.MaxRows}");
        }

        foreach (var (reason, rows) in ledger.DroppedRows)
        {
            var more = rows.Count > RowsShown ? ", …" : "";
            var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());
            yield return Invariant($"dropped, {name}: {rows.Count} ({string.Join(", ", rows.Take(RowsShown))}{more})");
            if (ledger.Refusals.FirstOrDefault(refusal => refusal.Row == rows[0]) is { } refusal)
            {
                yield return $"  {refusal.Row}: {refusal.Message}";
            }
        }
    }

    // Columns once, whichever files have them.
    static IEnumerable<string> PassedOver(Ledger ledger)
    {
        foreach (var column in (ledger.PassedOverColumns ?? []).DistinctBy(column => (column.Name, column.Type)))
        {
            yield return $"column not used: '{column.Name}' ({column.Type}"
                + (column.Example is { } example ? $", such as {example})" : ", which is not read)");
        }

        if (ledger.PassedOverFiles is { } files)
        {
            yield return $"not read, by their names: {string.Join(", ", files)}";
        }
    }

    static IEnumerable<string> Tokens(Ledger ledger)
    {
        if (Cut(ledger, row => row.OfCompletions) is ({ } rows, { } tokens))
        {
            yield return Invariant($"truncated: {tokens} tokens cut off the ends of completions of {Rows(rows)}");
        }

        if (Cut(ledger, row => row.PromptTokensCut) is ({ } prompts, { } promptTokens))
        {
            yield return Invariant($"truncated: {promptTokens} tokens cut off the beginnings of prompts of {Rows(prompts)}");
        }

        if (ledger.Turns is { } turns)
        {
            yield return turns.Choice == "all"
                ? Invariant($"turns: {turns.Rows} of the assistant's in {Rows(turns.Conversations)} of messages, each a row by itself")
                : Invariant($"turns: the last of the assistant's in {Rows(turns.Conversations)} of messages; what is before is not scored");
        }

        if (ledger.Ranked is { } ranked)
        {
            yield return Invariant($"ranked completions: {ranked.Pairs} pairs ({ranked.Choice}) of {Rows(ranked.Rows)}, ")
                + Invariant($"whose {ranked.Completions} completions are scored once each");
        }

        yield return Invariant($"split: {ledger.Train} train, {ledger.Eval} eval")
            + (ledger.LeakedEval > 0 ? Invariant($", of which {ledger.LeakedEval} with a prompt that is also trained on") : "");
        if (ledger.Desirable is { } desirable)
        {
            yield return Invariant($"labels: {desirable} desirable, {ledger.Train + ledger.Eval - desirable} undesirable");
        }

        yield return Invariant($"boundary merges: {ledger.Boundary}; ")
            + (ledger.RejectedTokens.Max > 0 ? Invariant($"identical completions: {ledger.IdenticalCompletions}; ") : "")
            + Invariant($"completions that end with the end-of-sequence token: {100 * ledger.EosShare:0.0} %");
        yield return Length("prompt", ledger.PromptTokens);
        if (ledger.RejectedTokens.Max == 0)
        {
            yield return Length("completion", ledger.ChosenTokens);
        }
        else
        {
            yield return Length("chosen", ledger.ChosenTokens);
            yield return Length("rejected", ledger.RejectedTokens);
        }
    }

    static (int Rows, long Tokens)? Cut(Ledger ledger, Func<TruncatedRow, long> cut) =>
        ledger.TruncatedRows.Where(row => cut(row) > 0).ToList() is { Count: > 0 } rows ? (rows.Count, rows.Sum(cut)) : null;

    static string Rows(int count) => count == 1 ? "1 row" : Invariant($"{count} rows");

    static string Length(string name, LengthSummary lengths) => Invariant(
        $"{name} tokens: mean {lengths.Mean:0.0}, median {lengths.Median}, {lengths.Min} to {lengths.Max}, {lengths.Sum} in all");

    static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
