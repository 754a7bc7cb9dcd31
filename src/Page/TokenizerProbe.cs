using OrtDpo.Tokenizers;

namespace OrtDpo.Page;

/// <summary>A text and its ids: the page compares them with those of its JavaScript tokenizer before it trains anything.</summary>
/// <param name="Text">The text.</param>
/// <param name="Ids">Its ids.</param>
/// <param name="Continues">Whether it continues another text, or stands by itself.</param>
sealed record TokenizerProbe(string Text, IReadOnlyList<int> Ids, bool Continues)
{
    // Where tokenizers differ: runs of digits, spaces and line feeds, contractions, scripts without spaces, marks that combine, what lies
    // outside the BMP.
    static readonly string[] Texts =
    [
        "It's 12345.678, isn't it? We'LL see!!  Two  spaces,\n\nlines\r\n\tand tabs   \n ",
        "Grüße aus Köln, señor; ÅNGSTRÖM e\u0301a\u0308 ﬁn",
        "Привет мир. Γειά σου Κόσμε",
        "東京は日本の首都です。안녕하세요",
        "مرحبا بالعالم שלום עולם",
        "नमस्ते दुनिया สวัสดีชาวโลก",
        "👍🏽 👩‍👩‍👧 𝕳𝖊𝖑𝖑𝖔 𐍈 \u00a0\u2003x\u200b",
        "if (a <= b) { return x->y[0] * 3e-5; } // #42 __init__",
        " leading space",
    ];

    /// <summary>The probes of a tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="pairs">The page's own pairs.</param>
    public static IReadOnlyList<TokenizerProbe> Of(ModelTokenizer tokenizer, IEnumerable<PairText> pairs) =>
    [
        .. pairs.SelectMany(pair => (string[])[pair.Prompt, pair.Prompt + pair.Chosen, pair.Prompt + pair.Rejected])
            .Concat(Texts)
            .Select(text => new TokenizerProbe(text, tokenizer.EncodeRow(text), Continues: false)),
        .. Texts.Select(text => new TokenizerProbe(text, tokenizer.EncodeContinuation(text), Continues: true)),
    ];
}
