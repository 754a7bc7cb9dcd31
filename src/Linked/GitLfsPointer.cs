namespace OrtDpo.Linked;

/// <summary>
/// What a clone without Git LFS has instead of a large file: a text of three lines that names the contents. This file is compiled into each
/// assembly that opens files of models or data: the leaves among them share no assembly that could hold it.
/// </summary>
static class GitLfsPointer
{
    static ReadOnlySpan<byte> Begin => "version https://git-lfs.github.com/spec/v1"u8;

    /// <exception cref="InvalidDataException"><paramref name="text"/>, the beginning of the file, is that of a pointer.</exception>
    internal static void Refuse(ReadOnlySpan<byte> text, string path)
    {
        if (text.StartsWith(Begin))
        {
            throw new InvalidDataException($"{path} is a Git LFS pointer: it names the contents of the file and does not hold them. "
                + "Run `git lfs pull` in the folder that was cloned, or download the file itself.");
        }
    }

    /// <inheritdoc cref="Refuse(ReadOnlySpan{byte}, string)"/>
    internal static void Refuse(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> text = stackalloc byte[Begin.Length];
        Refuse(text[..file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)], path);
    }
}
