using OrtDpo.Data;

namespace OrtDpo.Page;

/// <summary>A page that was written.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Model">The name of the model that it trains.</param>
/// <param name="Loss">What it minimises.</param>
/// <param name="Pairs">How many pairs it begins with.</param>
/// <param name="Unreadable">
/// Pairs that were passed over because their tokens are not those of any text that could be shown and edited.
/// </param>
/// <param name="Bytes">The size of all files.</param>
public sealed record PageResult(string Folder, string Model, string Loss, int Pairs, int Unreadable, long Bytes)
{
    /// <summary>What became of every row of the files of pairs; null where there were no files.</summary>
    public Ledger? Ledger { get; init; }
}
