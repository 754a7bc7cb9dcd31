using OrtDpo.Batches;
using OrtDpo.Data.Inspection;

namespace OrtDpo.Data.Tests.Inspection;

/// <summary>Rows whose tokens are their words, ended by the token 2.</summary>
sealed class HandMadeRows
{
    public const int Bos = 1;
    public const int Eos = 2;

    readonly Dictionary<string, int> ids = [];
    readonly List<InspectedRow> rows = [];

    public IReadOnlyList<InspectedRow> Rows => rows;

    /// <summary>Adds a pair, numbered from 1 within its source; without <paramref name="rejected"/> a row of one completion.</summary>
    public HandMadeRows Add(
        string prompt,
        string chosen,
        string? rejected = null,
        Split split = Split.Train,
        string source = "a",
        bool bosTwice = false,
        int cut = 0,
        bool? label = null,
        int copies = 1)
    {
        DropReason? drop = (chosen, rejected) switch
        {
            ("", null) => DropReason.EmptyCompletion,
            ("", _) => DropReason.EmptyChosen,
            (_, "") => DropReason.EmptyRejected,
            _ => null,
        };
        var number = 1 + rows.Count(row => row.Text.Source == source);
        var text = new PairText(source, number, prompt, chosen, rejected) { Unusable = drop, Desirable = label };
        int[] start = bosTwice ? [Bos, Bos] : [Bos];
        var encoded = drop is { } reason
            ? new EncodedPair(null, reason, 0, 0, false)
            : new EncodedPair(
                new PairTokens(
                    [.. start, .. Ids(prompt)],
                    cut > 0 ? Ids(chosen) : [.. Ids(chosen), Eos],
                    rejected is null ? [] : [.. Ids(rejected), Eos]),
                null, cut, 0, false);
        rows.Add(new InspectedRow(text, encoded, split) { Copies = copies });
        return this;
    }

    /// <summary>The warnings, as "kind: rows".</summary>
    public IEnumerable<string> Found(RowKind kind) => Warnings(kind).Select(warning => $"{warning.Kind}: {string.Join(' ', warning.Rows)}");

    public IReadOnlyList<Warning> Warnings(RowKind kind, int? eosId = Eos) =>
        InspectionWarnings.Of(kind, rows, Bos, eosId is { } id ? [id] : []);

    int[] Ids(string text) => [.. text.Split(' ').Select(word =>
    {
        ids.TryAdd(word, 10 + ids.Count);
        return ids[word];
    })];
}
