using System.Globalization;
using System.Text;
using System.Text.Json;
using OrtDpo.Linked;

namespace OrtDpo.Data;

/// <summary>A file that was given in place of a model's chat template; what stands in it may be anything.</summary>
static class ChatTemplateFile
{
    static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    /// <summary>Its text, without a byte order mark: a host would write the mark before the first message.</summary>
    internal static string Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(Directory.Exists(path)
                ? $"`ChatTemplate` is '{path}', which is a folder; expected the file of a chat template in Jinja. Give the path of one."
                : $"`ChatTemplate` is '{path}', and there is no such file; expected a chat template in Jinja. Give the path of one.");
        }

        var bytes = File.ReadAllBytes(path);
        GitLfsPointer.Refuse(bytes, path);
        if (JsonBytes.BadByte(bytes) is { } bad)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{path}: byte {bad} is 0x{bytes[bad]:X2}, which is not valid UTF-8 there. "
                + $"A chat template is UTF-8: save the file as that, or get it again."));
        }

        var text = bytes.AsMemory(bytes.AsSpan().StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0);
        var source = Encoding.UTF8.GetString(text.Span);
        return string.IsNullOrWhiteSpace(source)
            ? throw new InvalidDataException($"{path} holds no text; expected a chat template in Jinja. Give the file of one.")
            : IsJsonObject(text)
                ? throw new InvalidDataException($"{path} is JSON; expected a chat template in Jinja. "
                    + "Write the text that its 'chat_template' is into a file of its own.")
            : source;
    }

    // A tokenizer_config.json would pass for Jinja, and be written around the messages.
    static bool IsJsonObject(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
