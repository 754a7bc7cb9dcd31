using OrtDpo.Linked;

namespace OrtDpo.Tokenizers.Loading;

/// <summary>What kind of piece; the numbers are the file's.</summary>
enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

readonly record struct SentencePiece(string Text, float Score, PieceKind Kind);

/// <summary>The fields of SentencePiece's tokenizer.model that matter here, with the format's defaults.</summary>
sealed class SentencePieceModel
{
    static readonly string[] Algorithms = ["", "Unigram", "BPE", "Word", "Char"];

    readonly List<SentencePiece> pieces = [];
    int algorithm = 1;
    string normalization = "";
    bool charsMap;
    bool removeExtraSpaces = true;
    bool escapeSpaces = true;
    bool spaceAsSuffix;

    public IReadOnlyList<SentencePiece> Pieces => pieces;

    public bool ByteFallback { get; private set; }

    public bool AddDummyPrefix { get; private set; } = true;

    public int BosId { get; private set; } = 1;

    public int EosId { get; private set; } = 2;

    /// <exception cref="InvalidDataException">The file is not a SentencePiece model.</exception>
    /// <exception cref="NotSupportedException">The model is not BPE, or normalizes text in a way that is not implemented.</exception>
    public static SentencePieceModel Read(string path)
    {
        var model = new SentencePieceModel();
        var bytes = File.ReadAllBytes(path);
        GitLfsPointer.Refuse(bytes, path);
        var file = new ProtobufReader(bytes, path);
        while (file.Next())
        {
            switch (file.Field)
            {
                case 1:
                    model.ReadPiece(new ProtobufReader(file.Bytes, path));
                    break;
                case 2:
                    model.ReadTrainerSpec(new ProtobufReader(file.Bytes, path));
                    break;
                case 3:
                    model.ReadNormalizerSpec(new ProtobufReader(file.Bytes, path));
                    break;
            }
        }

        model.Check(path);
        return model;
    }

    void Check(string path)
    {
        var name = Algorithms.ElementAtOrDefault(algorithm) ?? $"number {algorithm}";
        var changesText = charsMap || normalization is not ("" or "identity");
        var unsupported =
            name != "BPE" ? $"the algorithm {name}, where only BPE is supported"
            : changesText ? $"the normalization '{normalization}', where only 'identity' is supported"
            : removeExtraSpaces ? "remove_extra_whitespaces set, which is not supported"
            : !escapeSpaces || spaceAsSuffix ? "spaces that are not escaped in front of words, which is not supported"
            : pieces.Exists(p => p.Kind == PieceKind.Unused) ? "unused pieces, which are not supported"
            : null;
        if (unsupported is not null)
        {
            throw new NotSupportedException($"{path} has {unsupported}.");
        }
    }

    void ReadPiece(ProtobufReader reader)
    {
        var (text, score, kind) = ("", 0f, PieceKind.Normal);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    text = reader.Text;
                    break;
                case 2:
                    score = reader.Single;
                    break;
                case 3:
                    kind = (PieceKind)reader.Number;
                    break;
            }
        }

        pieces.Add(new SentencePiece(text, score, kind));
    }

    void ReadTrainerSpec(ProtobufReader reader)
    {
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3:
                    algorithm = (int)reader.Number;
                    break;
                case 24:
                    spaceAsSuffix = reader.Number != 0;
                    break;
                case 35:
                    ByteFallback = reader.Number != 0;
                    break;
                case 41:
                    BosId = (int)reader.Number;
                    break;
                case 42:
                    EosId = (int)reader.Number;
                    break;
            }
        }
    }

    void ReadNormalizerSpec(ProtobufReader reader)
    {
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    normalization = reader.Text;
                    break;
                case 2:
                    charsMap = reader.Bytes.Length > 0;
                    break;
                case 3:
                    AddDummyPrefix = reader.Number != 0;
                    break;
                case 4:
                    removeExtraSpaces = reader.Number != 0;
                    break;
                case 5:
                    escapeSpaces = reader.Number != 0;
                    break;
            }
        }
    }
}
