using System.Security.Cryptography;
using System.Text;

namespace OrtDpo.Logs.Mlflow;

/// <summary>
/// Names and values as MLflow takes them (mlflow/utils/validation.py and service.proto): keys of letters, digits and <c>_ - . /</c> and the
/// space, which are relative paths without empty parts, <c>.</c> and <c>..</c>, since a store may make files of them.
/// </summary>
static class MlflowText
{
    /// <summary>Keys of metrics, params and tags: what every store takes.</summary>
    public const int MaxKeyBytes = 250;

    /// <summary>Values of params and tags in a batch: what every server takes; later ones take 6,000.</summary>
    public const int MaxValueBytes = 250;

    /// <summary>Values of tags that are given when a run is made.</summary>
    public const int MaxTagBytes = 5000;

    const string Ellipsis = "…";

    /// <summary>
    /// <paramref name="name"/> where it is a key, else one that is like it: other characters are <c>_</c>, and one that is too long ends
    /// with a digest of the whole.
    /// </summary>
    public static string Key(string name)
    {
        var parts = string.Concat(name.Select(c => char.IsLetterOrDigit(c) || "_-. /".Contains(c, StringComparison.Ordinal) ? c : '_'))
            .Split('/')
            .Select((part, i) => IsName(part, isFirst: i == 0) ? part : "_" + part);
        var key = string.Join('/', parts);
        if (Encoding.UTF8.GetByteCount(key) <= MaxKeyBytes)
        {
            // The same text, of which many values wait with it.
            return key == name ? name : key;
        }

        var digest = "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..12];
        return Head(key, MaxKeyBytes - digest.Length) + digest;
    }

    /// <summary><paramref name="value"/> in at most <paramref name="bytes"/> of UTF-8; one that was cut ends with an ellipsis.</summary>
    public static string Cut(string value, int bytes) => Encoding.UTF8.GetByteCount(value) <= bytes
        ? value
        : Head(value, bytes - Encoding.UTF8.GetByteCount(Ellipsis)) + Ellipsis;

    static bool IsName(string part, bool isFirst) =>
        part is not ("" or "." or "..") && !(isFirst && part.StartsWith("..", StringComparison.Ordinal));

    // Whole characters.
    static string Head(string text, int bytes)
    {
        var head = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            bytes -= rune.Utf8SequenceLength;
            if (bytes < 0)
            {
                break;
            }

            head.Append(rune);
        }

        return head.ToString();
    }
}
