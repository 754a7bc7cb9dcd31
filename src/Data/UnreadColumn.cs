namespace OrtDpo.Data;

/// <summary>A column of a data file that is passed over, since nobody asks for it.</summary>
/// <param name="Name">Its name in the file; of a member of structs or lists its path.</param>
/// <param name="Type">What it holds, for people.</param>
public sealed record UnreadColumn(string Name, string Type)
{
    /// <summary>What its first row has, cut where it is long; null where its type is not read.</summary>
    public string? Example { get; init; }
}
