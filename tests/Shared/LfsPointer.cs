namespace OrtDpo.Testing;

/// <summary>What a clone without Git LFS has in the place of a large file.</summary>
static class LfsPointer
{
    public const string Text =
        "version https://git-lfs.github.com/spec/v1\n"
        + "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

    /// <summary>Checks that opening <paramref name="path"/> as <paramref name="open"/> does says what the file is and what to do.</summary>
    public static void IsNamed(string path, Action open)
    {
        File.WriteAllText(path, Text);
        var error = Assert.ThrowsAny<InvalidDataException>(open);
        Assert.StartsWith($"{path} is a Git LFS pointer", error.Message, StringComparison.Ordinal);
        Assert.Contains("git lfs pull", error.Message, StringComparison.Ordinal);
    }
}
