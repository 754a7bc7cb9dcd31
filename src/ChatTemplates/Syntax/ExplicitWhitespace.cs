using System.Text;

namespace OrtDpo.ChatTemplates.Syntax;

/// <summary>
/// A template with its whitespace rules carried out, so that it says the same where they hold and where they do not: Hugging Face renders
/// with trim_blocks and lstrip_blocks, other hosts without.
/// </summary>
static class ExplicitWhitespace
{
    /// <summary>Whether the rules change anything, or are switched off, or text is not read.</summary>
    public static bool IsNeeded(TemplateText source, IReadOnlyList<TemplatePart> parts)
    {
        var text = source.Text;
        var end = 0;
        var sign = ' ';
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Kind == TemplatePartKind.Raw
                || (parts[i].Kind == TemplatePartKind.Block && (parts[i].Text[2] == '+' || parts[i].Text[^3] == '+')))
            {
                return true;
            }

            if (parts[i].Kind != TemplatePartKind.Data)
            {
                (end, sign) = (parts[i].To, text[parts[i].To - 3]);
                continue;
            }

            var open = i + 1 < parts.Count ? parts[i + 1].From : text.Length;
            var plain = sign == '-' ? Whitespace.TrimStart(text[end..open]) : text[end..open];
            if (open < text.Length && text[open + 2] == '-')
            {
                plain = Whitespace.TrimEnd(plain);
            }

            if (plain != parts[i].Text)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The template: tags without signs, and whitespace that a rule would take as a string in a tag of its own.</summary>
    public static string Of(IReadOnlyList<TemplatePart> parts)
    {
        var result = new StringBuilder();
        var text = "";
        var isBehindBlock = false;
        foreach (var part in parts)
        {
            switch (part.Kind)
            {
                case TemplatePartKind.Data:
                    text += part.Text;
                    break;
                case TemplatePartKind.Block or TemplatePartKind.Variable:
                    var isBlock = part.Kind == TemplatePartKind.Block;
                    AddText(result, text, isBehindBlock, isBlock ? LastLine(text) : text.Length);
                    result.Append(WithoutSigns(part.Text, isBlock));
                    (text, isBehindBlock) = ("", isBlock);
                    break;
            }
        }

        // A line end at the very end is dropped.
        AddText(result, text, isBehindBlock, text.EndsWith('\n') ? text.Length - 1 : text.Length);
        return result.ToString();
    }

    // Where the last line begins, if it is blank.
    static int LastLine(string text)
    {
        var line = text.LastIndexOf('\n') + 1;
        return Whitespace.Skip(text, line) == text.Length ? line : text.Length;
    }

    static void AddText(StringBuilder result, string text, bool isBehindBlock, int tail)
    {
        if (text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal)
            || text.Contains("{#", StringComparison.Ordinal))
        {
            AddString(result, text);
            return;
        }

        var head = isBehindBlock && text.StartsWith('\n') ? 1 : 0;
        AddString(result, text[..head]);
        result.Append(text, head, Math.Max(head, tail) - head);
        AddString(result, text[Math.Max(head, tail)..]);
    }

    static void AddString(StringBuilder result, string text)
    {
        if (text.Length > 0)
        {
            result.Append("{{ \"");
            foreach (var character in text)
            {
                result.Append(character switch { '\n' => "\\n", '"' => "\\\"", '\\' => "\\\\", _ => character.ToString() });
            }

            result.Append("\" }}");
        }
    }

    // A space in the place of a sign: what begins behind it may be a bracket, or a sign of its own.
    static string WithoutSigns(string tag, bool isBlock)
    {
        var (start, end) = (tag[2], tag[^3]);
        var inner = tag[2..^2];
        inner = start is '-' or '+' ? $" {inner[1..]}" : inner;
        inner = inner.Length > 0 && (end == '-' || (end == '+' && isBlock)) ? $"{inner[..^1]} " : inner;
        return tag[..2] + inner + tag[^2..];
    }
}
