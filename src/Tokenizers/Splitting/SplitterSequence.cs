using Microsoft.ML.Tokenizers;

namespace OrtDpo.Tokenizers.Splitting;

/// <summary>Splitters one after the other, each on the pieces of the one before.</summary>
sealed class SplitterSequence(IReadOnlyList<PreTokenizer> splitters) : PreTokenizer
{
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
    {
        IEnumerable<(int Offset, int Length)> pieces = [(0, text.Length)];
        foreach (var splitter in splitters)
        {
            pieces = pieces.SelectMany(
                piece => splitter.PreTokenize(text.AsSpan(piece.Offset, piece.Length)),
                (outer, inner) => (outer.Offset + inner.Offset, inner.Length));
        }

        return pieces;
    }

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => PreTokenize(text.ToString());
}
