namespace OrtDpo.Data.Tests.Mutation;

/// <summary>A kind of file that the product reads.</summary>
/// <param name="Name">For messages.</param>
/// <param name="File">The name that it has in a folder.</param>
/// <param name="Originals">Such files, whole and small.</param>
/// <param name="Read">Reads the folder, or the file in it, as the product does.</param>
sealed record FileKind(string Name, string File, IReadOnlyList<byte[]> Originals, Action<string> Read)
{
    /// <summary>Writes what lies beside the file in its folder.</summary>
    public Action<string> WriteBeside { get; init; } = _ => { };

    public override string ToString() => Name;
}
