namespace OrtDpo.ChatTemplates.Syntax;

/// <summary>
/// Cuts a template into text and tags, with the whitespace rules under which Hugging Face renders: a block or comment alone on its line
/// takes the blanks before it (lstrip_blocks) and the line end behind it (trim_blocks); '-' takes all whitespace on its side, '+' none.
/// </summary>
sealed class TemplateLexer
{
    readonly TemplateText source;
    readonly string text;
    readonly List<Token> tokens = [];
    readonly ExpressionLexer expressions;
    readonly List<TemplatePart> parts = [];
    int at;

    // Whether the last tag took the end of its line with it.
    bool lineStarts = true;

    TemplateLexer(TemplateText source)
    {
        this.source = source;
        text = source.Text;
        expressions = new ExpressionLexer(source, tokens);
    }

    /// <exception cref="InvalidDataException">A tag is not closed, or holds what is no token.</exception>
    public static IReadOnlyList<Token> Read(TemplateText source) => Cut(source).Tokens;

    /// <summary>The tokens, and the template in parts: its tags as they are written, and what is left of the text between them.</summary>
    /// <exception cref="InvalidDataException">A tag is not closed, or holds what is no token.</exception>
    public static (IReadOnlyList<Token> Tokens, IReadOnlyList<TemplatePart> Parts) Cut(TemplateText source)
    {
        var lexer = new TemplateLexer(source);
        while (lexer.Next())
        {
        }

        lexer.tokens.Add(new Token(TokenKind.End, "", source.At(source.Text.Length)));
        return (lexer.tokens, lexer.parts);
    }

    bool Next()
    {
        var open = Opening(at);
        if (open < 0)
        {
            AddData(text[at..], at);
            return false;
        }

        var (tag, start) = (text[open + 1], open + 2);
        var sign = start < text.Length && text[start] is '-' or '+' ? text[start++] : ' ';
        AddData(BeforeTag(text[at..open], sign, tag == '{'), at);
        at = start;
        if (tag == '#')
        {
            SkipComment(open);
        }
        else if (tag == '%' && RawBody(start) is { } body)
        {
            ReadRaw(open, body);
        }
        else
        {
            tokens.Add(new Token(tag == '{' ? TokenKind.VariableBegin : TokenKind.BlockBegin, "", source.At(open)));
            at = expressions.Read(start, open, tag == '{');
            AddTag(tag == '{' ? TemplatePartKind.Variable : TemplatePartKind.Block, open);
            lineStarts = text[at - 1] == '\n';
        }

        return true;
    }

    int Opening(int from)
    {
        for (var i = text.IndexOf('{', from); i >= 0 && i + 1 < text.Length; i = text.IndexOf('{', i + 1))
        {
            if (text[i + 1] is '{' or '%' or '#')
            {
                return i;
            }
        }

        return -1;
    }

    string BeforeTag(string data, char sign, bool isVariable)
    {
        if (sign == '-')
        {
            return Whitespace.TrimEnd(data);
        }

        var line = data.LastIndexOf('\n') + 1;
        var aloneSoFar = (line > 0 || lineStarts) && Whitespace.Skip(data, line) == data.Length;
        return sign != '+' && !isVariable && aloneSoFar ? data[..line] : data;
    }

    void SkipComment(int open)
    {
        var close = text.IndexOf("#}", at, StringComparison.Ordinal);
        if (close < 0)
        {
            throw source.At(open).Wrong("this comment is not closed; expected '#}'.");
        }

        AfterTag(close + 2, close > at ? text[close - 1] : ' ');
        AddTag(TemplatePartKind.Comment, open);
    }

    // Where the body of {% raw %} begins; null where the block is another.
    int? RawBody(int start)
    {
        var i = Whitespace.Skip(text, start);
        if (!text.AsSpan(i).StartsWith("raw"))
        {
            return null;
        }

        i = Whitespace.Skip(text, i + 3);
        return text.AsSpan(i).StartsWith("%}") ? i + 2 : text.AsSpan(i).StartsWith("-%}") ? Whitespace.Skip(text, i + 3) : null;
    }

    void ReadRaw(int open, int body)
    {
        for (var i = text.IndexOf("{%", body, StringComparison.Ordinal); i >= 0; i = text.IndexOf("{%", i + 2, StringComparison.Ordinal))
        {
            var sign = i + 2 < text.Length && text[i + 2] is '-' or '+' ? text[i + 2] : ' ';
            var name = Whitespace.Skip(text, sign == ' ' ? i + 2 : i + 3);
            if (!text.AsSpan(name).StartsWith("endraw"))
            {
                continue;
            }

            var end = Whitespace.Skip(text, name + 6);
            var endSign = end < text.Length && text[end] is '-' or '+' ? text[end++] : ' ';
            if (text.AsSpan(end).StartsWith("%}"))
            {
                lineStarts = text[body - 1] == '\n';
                AddTag(TemplatePartKind.Raw, open, body);
                AddData(BeforeTag(text[body..i], sign, isVariable: false), body);
                AfterTag(end + 2, endSign);
                AddTag(TemplatePartKind.Raw, i);
                return;
            }
        }

        throw source.At(open).Wrong("'raw' is not closed; expected '{% endraw %}'.");
    }

    void AfterTag(int end, char sign)
    {
        at = sign == '-' ? Whitespace.Skip(text, end) : sign != '+' && end < text.Length && text[end] == '\n' ? end + 1 : end;
        lineStarts = text[at - 1] == '\n';
    }

    // Behind its sign a tag may have taken whitespace, which is none of it.
    void AddTag(TemplatePartKind kind, int open, int? taken = null)
    {
        var end = text.LastIndexOf('}', (taken ?? at) - 1) + 1;
        parts.Add(new TemplatePart(kind, open, end, text[open..end]));
    }

    void AddData(string data, int offset)
    {
        parts.Add(new TemplatePart(TemplatePartKind.Data, offset, offset, data));
        if (data.Length > 0)
        {
            tokens.Add(new Token(TokenKind.Data, data, source.At(offset)));
        }
    }
}
