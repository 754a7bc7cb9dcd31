using System.Globalization;

namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>The words by which <c>sentences.json</c> says what is wrong with a file or a folder.</summary>
static class FixtureChange
{
    /// <param name="copy">What is changed.</param>
    /// <param name="change">A word and what it takes: paths within the copy, texts; <c>{folder}</c> is the copy itself.</param>
    public static void Apply(FirstSlice copy, string[] change)
    {
        switch (Array.ConvertAll(change, part => part.Replace("{folder}", copy.Folder, StringComparison.Ordinal)))
        {
            case ["write", var name, var text]:
                Directory.CreateDirectory(Path.GetDirectoryName(copy.PathOf(name))!);
                File.WriteAllText(copy.PathOf(name), text);
                break;
            case ["append", var name, var text]:
                File.AppendAllText(copy.PathOf(name), text);
                break;
            case ["replace", var name, var before, var after]:
                var found = File.ReadAllText(copy.PathOf(name));
                Assert.Contains(before, found, StringComparison.Ordinal);
                File.WriteAllText(copy.PathOf(name), found.Replace(before, after, StringComparison.Ordinal));
                break;
            case ["truncate", var name, var length]:
                using (var file = File.Open(copy.PathOf(name), FileMode.Open))
                {
                    file.SetLength(int.Parse(length, CultureInfo.InvariantCulture));
                }

                break;
            case ["flip a byte", var name]:
                var bytes = File.ReadAllBytes(copy.PathOf(name));
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(copy.PathOf(name), bytes);
                break;
            case ["delete", var name]:
                File.Delete(copy.PathOf(name));
                break;
            case ["delete folder", var name]:
                Directory.Delete(copy.PathOf(name), recursive: true);
                break;
            case ["make folder", var name]:
                Directory.CreateDirectory(copy.PathOf(name));
                break;
            case ["copy", var name, var to]:
                File.Copy(copy.PathOf(name), copy.PathOf(to), overwrite: true);
                break;
            case ["copy golden", var name, var to]:
                File.Copy(Repository.Find("tests", "golden", name), copy.PathOf(to), overwrite: true);
                break;
            default:
                throw new ArgumentException($"'{string.Join(' ', change)}' is no change that a sentence's setup knows.");
        }
    }
}
