namespace OrtDpo.Data;

/// <summary>Adds up what chat templates lose of rows.</summary>
sealed class LossTally
{
    readonly SortedDictionary<TemplateLossKind, (int Rows, long Kept, long Of, string Example)> kinds = [];

    internal void Add(ExampleText row)
    {
        foreach (var kind in row.Losses.GroupBy(loss => loss.Kind))
        {
            var (rows, kept, of, example) = kinds.GetValueOrDefault(kind.Key, (0, 0, 0, row.Id));
            kinds[kind.Key] = (rows + 1, kept + kind.Sum(loss => (long)loss.Kept), of + kind.Sum(loss => (long)loss.Of), example);
        }
    }

    /// <summary>By kind; null where nothing is lost.</summary>
    internal IReadOnlyList<LedgerLoss>? ToLedger() => kinds.Count == 0 ? null :
    [
        .. kinds.Select(kind => new LedgerLoss(
            kind.Key, kind.Value.Rows, 1 - ((double)kind.Value.Kept / kind.Value.Of), kind.Value.Example)),
    ];
}
