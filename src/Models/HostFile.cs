using System.Text.Json;
using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Models;

/// <summary>A file that stands beside a model's weights for whoever loads them.</summary>
/// <param name="Name">Its path within a model folder, parted by slashes.</param>
/// <param name="Source">Where it is read from.</param>
/// <param name="Type">The type of the weights that it will stand beside.</param>
public sealed record HostFile(string Name, string Source, WeightType Type)
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    // Licences bind what is made of a model, too; a model card describes the model that it came with, and stays behind.
    static readonly string[] Licences = ["license*", "licence*", "notice*", "use_policy*"];

    /// <summary>What it holds in place of what its source does; null: the source's bytes.</summary>
    public ReadOnlyMemory<byte>? Contents { get; init; }

    /// <summary>
    /// Whether the weights that it will stand beside are no longer in 4 bits, as the source's are: <c>config.json</c> then says nothing of
    /// that.
    /// </summary>
    public bool IsDequantised { get; init; }

    /// <summary>Whether these weights are nf4 of bitsandbytes, which <c>config.json</c> then says.</summary>
    public bool IsNf4 { get; init; }

    /// <summary>
    /// What a host reads of the model in <paramref name="folder"/>, and the conditions that it is given under: configuration, tokenizer,
    /// chat templates, licences.
    /// </summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="tokenizer">The paths of the tokenizer's files in it.</param>
    /// <param name="type">The type of the weights that they will stand beside.</param>
    public static IReadOnlyList<HostFile> Of(string folder, IEnumerable<string> tokenizer, WeightType type)
    {
        var anyCase = new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive };
        return
        [
            .. new[] { Path.Combine(folder, ModelFolder.ConfigName) }.Where(File.Exists)
                .Concat(tokenizer)
                .Concat(Licences.SelectMany(pattern => Directory.GetFiles(folder, pattern, anyCase)).Order(StringComparer.Ordinal))
                .Select(path => new HostFile(Path.GetRelativePath(folder, path).Replace('\\', '/'), path, type)),
        ];
    }

    /// <summary>The files, some of them with other contents, and new ones behind them.</summary>
    /// <param name="files">The files.</param>
    /// <param name="change">
    /// From their names, and what each holds, to contents by name: of a file that is there, which then has these; of another, which is
    /// added; null, which goes.
    /// </param>
    public static IReadOnlyList<HostFile> Changed(
        IReadOnlyList<HostFile> files,
        Func<IReadOnlyCollection<string>, Func<string, byte[]>, IReadOnlyDictionary<string, byte[]?>> change)
    {
        var names = files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        var changes = change(names, name => files.Single(file => file.Name == name).Read());
        return
        [
            .. files.Where(file => !changes.TryGetValue(file.Name, out var bytes) || bytes is not null)
                .Select(file => changes.TryGetValue(file.Name, out var bytes) ? file with { Contents = bytes } : file),
            .. changes.Where(entry => entry.Value is not null && !names.Contains(entry.Key))
                .OrderBy(entry => entry.Key, StringComparer.Ordinal)
                .Select(entry => new HostFile(entry.Key, "", WeightType.F32) { Contents = entry.Value }),
        ];
    }

    static byte[] WithoutQuantization(byte[] config)
    {
        var fields = ConfigDtype.Fields(config);
        fields.Remove("quantization_config");
        return JsonSerializer.SerializeToUtf8Bytes(fields, Indented);
    }

    /// <summary>Writes it at its place within a folder.</summary>
    public void WriteTo(string folder)
    {
        var path = Path.Combine(folder, Name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Read());
    }

    /// <summary>Its bytes; the dtype in <c>config.json</c> is that of the weights that it will stand beside.</summary>
    public byte[] Read()
    {
        var bytes = Contents?.ToArray() ?? File.ReadAllBytes(Source);
        if (Name != ModelFolder.ConfigName)
        {
            return bytes;
        }

        var config = ConfigDtype.With(IsDequantised ? WithoutQuantization(bytes) : bytes, Type);
        return IsNf4 ? Nf4Folder.Config(config) : config;
    }
}
