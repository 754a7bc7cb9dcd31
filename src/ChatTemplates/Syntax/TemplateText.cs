namespace OrtDpo.ChatTemplates.Syntax;

/// <summary>A template's text as Jinja reads it: all line ends are \n, and one at the very end is dropped.</summary>
sealed class TemplateText
{
    readonly string name;
    readonly List<int> lineStarts = [0];

    public TemplateText(string name, string source)
    {
        this.name = name;
        var text = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        Text = text.EndsWith('\n') ? text[..^1] : text;
        for (var i = 0; i < Text.Length; i++)
        {
            if (Text[i] == '\n')
            {
                lineStarts.Add(i + 1);
            }
        }
    }

    public string Text { get; }

    public Place At(int offset)
    {
        var found = lineStarts.BinarySearch(offset);
        var line = found >= 0 ? found : ~found - 1;
        return new Place(name, line + 1, offset - lineStarts[line] + 1);
    }
}
