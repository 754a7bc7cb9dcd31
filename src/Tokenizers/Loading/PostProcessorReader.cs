namespace OrtDpo.Tokenizers.Loading;

/// <summary>Reads the post-processor of a tokenizer.json: the ids that it puts around a single text.</summary>
static class PostProcessorReader
{
    public static (List<int> Leading, List<int> Trailing) Read(JsonPart? postProcessor)
    {
        var (leading, trailing) = (new List<int>(), new List<int>());
        Read(postProcessor, leading, trailing);
        return (leading, trailing);
    }

    static void Read(JsonPart? postProcessor, List<int> leading, List<int> trailing)
    {
        if (postProcessor is not { } part)
        {
            return;
        }

        switch (part.Text("type"))
        {
            case "ByteLevel": // Trims offsets only.
                break;
            case "Sequence":
                foreach (var inner in part.Required("processors").Items())
                {
                    Read(inner, leading, trailing);
                }

                break;
            case "TemplateProcessing":
                Template(part, leading, trailing);
                break;
            case var type:
                throw new NotSupportedException(
                    $"{part.Where} is '{type}', which is not supported. " +
                    "Supported post-processors: Sequence, ByteLevel, TemplateProcessing.");
        }
    }

    static void Template(JsonPart part, List<int> leading, List<int> trailing)
    {
        var (before, after) = (new List<int>(), new List<int>());
        var side = before;
        foreach (var item in part.Required("single").Items())
        {
            if (item.Optional("Sequence") is not null)
            {
                side = after;
                continue;
            }

            var token = part.Required("special_tokens").Required(item.Required("SpecialToken").Text("id"));
            side.AddRange(token.Required("ids").Items().Select(id => id.Number()));
        }

        // In a sequence of processors each puts its tokens around what the one before made.
        leading.InsertRange(0, before);
        trailing.AddRange(after);
    }
}
