using System.Text.Json;
using OrtDpo.Linked;
using OrtDpo.Models.Quantized;

namespace OrtDpo.Models.Adapters;

/// <summary>
/// What an adapter was trained on, beside its files: <c>ortdpo_base.json</c>. PEFT writes a path or a name, which says nothing of what lies
/// there now.
/// </summary>
public static class AdapterBase
{
    /// <summary>The file's name.</summary>
    public const string FileName = "ortdpo_base.json";

    const string DigestField = "reference_digest";
    const string LengthField = "max_length";
    const string FormField = "base_form";

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The file's contents.</summary>
    /// <param name="digest">The base's digest.</param>
    /// <param name="maxLength">The bound on a sequence, in tokens, that the digest was taken with.</param>
    /// <param name="form">How the base's weights were held (<see cref="QuantizedBase.Form"/>); null: as its files have them.</param>
    public static byte[] ToJson(string digest, int maxLength, string? form)
    {
        var fields = new Dictionary<string, object> { [DigestField] = digest, [LengthField] = maxLength };
        if (form is not null)
        {
            fields.Add(FormField, form);
        }

        return JsonSerializer.SerializeToUtf8Bytes(fields, Indented);
    }

    /// <summary>
    /// Checks that a model is the one that an adapter was trained on, and is held as it was then, where the adapter's folder says so.
    /// </summary>
    /// <exception cref="InvalidDataException">It is not, or the file is damaged.</exception>
    internal static void Check(string adapter, ModelFolder model)
    {
        var path = Path.Combine(adapter, FileName);
        if (!File.Exists(path))
        {
            return;
        }

        var (digest, maxLength, form) = Read(path);
        var found = ReferenceDigest.OfBase(model, model.Model.For(maxLength));
        if (found != digest)
        {
            throw new InvalidDataException($"{adapter} was trained on a base with the digest {digest[..12]}…, and {model.Path} has "
                + $"{found[..12]}…: another model, other numbers or another dtype. Give the base that it was trained on (`Model`).");
        }

        if (model.Quantized?.Form is var held && held != form)
        {
            throw new InvalidDataException($"{adapter} was trained on a base whose weights were held {BaseWeights.Describe(form)}, and "
                + $"those of {model.Path} are held {BaseWeights.Describe(held)}. {BaseWeights.Advice(form)}.");
        }
    }

    static (string Digest, int MaxLength, string? Form) Read(string path)
    {
        try
        {
            using var json = JsonBytes.ReadFile(path);
            if (json.RootElement.GetProperty(DigestField).GetString() is { Length: 64 } digest)
            {
                var form = json.RootElement.TryGetProperty(FormField, out var said) ? said.GetString() : null;
                return (digest, json.RootElement.GetProperty(LengthField).GetInt32(), form);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Damaged(path, e);
        }

        throw Damaged(path, null);
    }

    static InvalidDataException Damaged(string path, Exception? cause) => new(
        $"{path} is damaged: expected {DigestField}, 64 hexadecimal digits, and {LengthField}, a number. Restore it, or remove it to do "
        + "without the check.", cause);
}
