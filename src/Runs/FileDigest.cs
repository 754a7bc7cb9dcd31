using System.Security.Cryptography;

namespace OrtDpo.Runs;

/// <summary>The identity of files and texts: SHA-256, in lower-case hexadecimal digits.</summary>
public static class FileDigest
{
    /// <summary>The digest of a file's bytes.</summary>
    public static string OfFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>The digest of <paramref name="text"/> in UTF-8.</summary>
    public static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}
