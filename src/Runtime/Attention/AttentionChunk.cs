namespace OrtDpo.Runtime.Attention;

/// <summary>Queries of a row, and the keys that they may see.</summary>
/// <param name="Row">The row: of B.</param>
/// <param name="Query">The first query's place in the row.</param>
/// <param name="Queries">How many: C.</param>
/// <param name="Key">The first key's place in the row.</param>
/// <param name="Keys">How many, up to the last query: K.</param>
public readonly record struct AttentionChunk(int Row, int Query, int Queries, int Key, int Keys);
