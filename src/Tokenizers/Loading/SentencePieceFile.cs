using OrtDpo.Tokenizers.AddedTokens;
using OrtDpo.Tokenizers.Bpe;

namespace OrtDpo.Tokenizers.Loading;

/// <summary>Makes a tokenizer of SentencePiece's tokenizer.model, as Hugging Face converts it.</summary>
static class SentencePieceFile
{
    public static TokenizerDefinition Read(string path, TokenizerConfig config)
    {
        var model = SentencePieceModel.Read(path);
        var ids = new Dictionary<string, int>();
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            if (!ids.TryAdd(model.Pieces[id].Text, id))
            {
                throw new InvalidDataException(
                    $"{path}: piece {id} is '{model.Pieces[id].Text}', which an earlier piece is too. Pieces must be distinct.");
            }
        }

        var vocabulary = new Vocabulary(ids, path);
        var unknown = model.Pieces.ToList().FindIndex(p => p.Kind == PieceKind.Unknown);
        var bpe = new BpeModel
        {
            Vocabulary = vocabulary,
            Merges = Merges(model, vocabulary),
            ByteFallback = model.ByteFallback,
            FuseUnknown = true,
            UnknownId = unknown < 0 ? null : unknown,
        };
        var added = AddedTokenReader.Join(Added(model), config, vocabulary, path);
        var bos = IdOrNull(model, model.BosId);
        var root = Rules(config.AddPrefixSpace ?? model.AddDummyPrefix, config.Legacy, path);
        return TokenizerJson.Assemble(root, PreTokenizerReader.Read(root.Optional("pre_tokenizer")), bpe, added) with
        {
            ImpliedBosId = bos,
            ImpliedEosId = IdOrNull(model, model.EosId),
            LeadingIds = bos is { } id0 ? [id0] : [],
        };
    }

    // −1 in the file: the model has no such token.
    static int? IdOrNull(SentencePieceModel model, int id) => id >= 0 && id < model.Pieces.Count ? id : null;

    static IEnumerable<AddedToken> Added(SentencePieceModel model) => model.Pieces
        .Select((piece, id) => (piece, id))
        .Where(p => p.piece.Kind is PieceKind.Unknown or PieceKind.Control or PieceKind.UserDefined)
        .Select(p => new AddedToken(p.id, p.piece.Text, p.piece.Kind != PieceKind.UserDefined, false, false, false, false));

    // Two neighbours merge if what they make is a piece; the piece with the highest score first.
    static MergeTable Merges(SentencePieceModel model, Vocabulary vocabulary)
    {
        var merges = new MergeTable();
        var normal = model.Pieces.Select((piece, id) => (piece.Text, piece.Score, piece.Kind, Id: id))
            .Where(p => p.Kind == PieceKind.Normal);
        var rank = -1;
        var score = float.NaN;
        foreach (var piece in normal.OrderByDescending(p => p.Score).ThenBy(p => p.Id))
        {
            if (piece.Score != score)
            {
                (rank, score) = (rank + 1, piece.Score);
            }

            var cut = 0;
            foreach (var rune in piece.Text.EnumerateRunes())
            {
                cut += rune.Utf16SequenceLength;
                var (left, right) = (vocabulary.Id(piece.Text[..cut]), vocabulary.Id(piece.Text[cut..]));
                if (left >= 0 && right >= 0)
                {
                    merges.Add(left, right, rank, piece.Id);
                }
            }
        }

        return merges;
    }

    // The newer form prefixes the beginning of a text alone, the older one (legacy) what follows an added token too.
    static JsonPart Rules(bool prefix, bool legacy, string path)
    {
        const string Spaces = """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""";
        var normalizer = !legacy ? "null" : prefix
            ? $$"""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{{Spaces}}]}"""
            : $$"""{"type":"Sequence","normalizers":[{{Spaces}}]}""";
        var scheme = prefix ? "first" : "never";
        var preTokenizer = legacy ? "null" : $$"""{"type":"Metaspace","replacement":"▁","prepend_scheme":"{{scheme}}","split":false}""";
        var strip = prefix ? """,{"type":"Strip","content":" ","start":1,"stop":0}""" : "";
        return JsonPart.Literal(
            $$"""
            {
              "normalizer": {{normalizer}}, "pre_tokenizer": {{preTokenizer}},
              "decoder": {"type":"Sequence","decoders":[
                {"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"}{{strip}}]}
            }
            """,
            path);
    }
}
