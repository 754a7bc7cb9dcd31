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
        var known = rejected is not null ? Judgement.Preference.FirstOfTwo
            : label is { } isDesirable ? new Judgement.Label(isDesirable)
            : Judgement.Nothing;
        string[] completions = rejected is null ? [chosen] : [chosen, rejected];
        var text = new ExampleText(source, number, prompt, completions, known) { Unusable = drop };
        int[] start = bosTwice ? [Bos, Bos] : [Bos];
        var encoded = drop is { } reason
            ? new EncodedExample(null, reason, [], false)
            : new EncodedExample(
                new Example(
                    [.. start, .. Ids(prompt)],
                    [.. completions.Select((completion, i) => cut > 0 && i == 0 ? Ids(completion) : [.. Ids(completion), Eos])],
                    known),
                null,
                [.. completions.Select((_, i) => i == 0 ? cut : 0)],
                false);
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
