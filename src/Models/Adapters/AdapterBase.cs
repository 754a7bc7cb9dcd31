using System.Text.Json;
using OrtDpo.Linked;

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

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The file's contents.</summary>
    /// <param name="digest">The base's digest.</param>
    /// <param name="maxLength">The bound on a sequence, in tokens, that the digest was taken with.</param>
    public static byte[] ToJson(string digest, int maxLength) => JsonSerializer.SerializeToUtf8Bytes(
        new Dictionary<string, object> { [DigestField] = digest, [LengthField] = maxLength }, Indented);

    /// <summary>Checks that a model is the one that an adapter was trained on, where the adapter's folder says which that was.</summary>
    /// <exception cref="InvalidDataException">It is not, or the file is damaged.</exception>
    internal static void Check(string adapter, ModelFolder model)
    {
        var path = Path.Combine(adapter, FileName);
        if (!File.Exists(path))
        {
            return;
        }

        var (digest, maxLength) = Read(path);
        var found = ReferenceDigest.OfBase(model, model.Model.For(maxLength));
        if (found != digest)
        {
            throw new InvalidDataException($"{adapter} was trained on a base with the digest {digest[..12]}…, and {model.Path} has "
                + $"{found[..12]}…: another model, other numbers or another dtype. Give the base that it was trained on (`Model`).");
        }
    }

    static (string Digest, int MaxLength) Read(string path)
    {
        try
        {
            using var json = JsonBytes.ReadFile(path);
            if (json.RootElement.GetProperty(DigestField).GetString() is { Length: 64 } digest)
            {
                return (digest, json.RootElement.GetProperty(LengthField).GetInt32());
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
