using System.Text.Json.Nodes;
using OrtDpo.Batches;
using OrtDpo.Export.Verification;
using OrtDpo.Models.Import;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Tests.Verification;

/// <summary>An exported folder that somebody changed.</summary>
[Trait("Speed", "native")]
public sealed class ExportVerificationTests : IDisposable
{
    const int Threads = 2;

    static readonly Dictionary<string, string> Digests = new() { ["policy_digest"] = "ab", ["tokenizer_digest"] = "cd" };

    readonly TemporaryFolder folder = new();
    readonly string export;

    static ExportVerificationTests() => OrtProcess.Start(Threads);

    public ExportVerificationTests()
    {
        RandomFamily.Write("qwen2", folder);
        export = folder.File("export");
        OnnxExport.Run(
            folder.Path, export, [Example.Pair([1, 2], [3], [4])], Threads, WeightType.F32, RandomFamily.Positions,
            options: new() { ExternalData = true, Digests = Digests });
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void One_that_nobody_changed_has_no_fault_and_says_what_it_was_made_from()
    {
        var found = ExportVerification.Of(export);
        Assert.True(found.Ok, string.Join(' ', found.Faults));
        Assert.Equal(("onnx", 7), (found.Kind, found.Files));
        Assert.Empty(found.Notes);
        Assert.True(ExportVerification.IsExport(export));
        Assert.Equal(Digests, ExportManifest.Read(export).Inputs);
    }

    [Fact]
    public void A_changed_byte_of_any_file_is_found_and_so_is_a_missing_file()
    {
        var names = Directory.GetFiles(export).Select(path => Path.GetFileName(path)!).Where(name => name != "manifest.json").ToList();
        Assert.Contains("model.onnx.data", names);
        foreach (var name in names)
        {
            var path = Path.Combine(export, name);
            var bytes = File.ReadAllBytes(path);
            var changed = bytes.ToArray();
            changed[^3] ^= 1;
            File.WriteAllBytes(path, changed);
            Assert.StartsWith(
                $"{path} is damaged or was changed: its SHA-256 is ", Assert.Single(ExportVerification.Of(export).Faults),
                StringComparison.Ordinal);
            File.Delete(path);
            Assert.Equal(
                $"{path} is missing, which the export's manifest names. Export again.",
                Assert.Single(ExportVerification.Of(export).Faults));
            File.WriteAllBytes(path, bytes);
        }

        Assert.True(ExportVerification.Of(export).Ok);
    }

    [Fact]
    public void What_was_put_beside_it_is_told()
    {
        File.WriteAllText(Path.Combine(export, "chat_template.jinja"), "{{ messages }}");
        var found = ExportVerification.Of(export);
        Assert.True(found.Ok);
        Assert.Equal($"{Path.Combine(export, "chat_template.jinja")} is not of the export", Assert.Single(found.Notes));
    }

    [Fact]
    public void A_manifest_that_is_gone_damaged_or_of_another_version_is_refused()
    {
        var path = Path.Combine(export, "manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        manifest["format"] = "ortdpo-export-9";
        File.WriteAllText(path, manifest.ToJsonString());
        Assert.Equal(
            $"{path} is of format 'ortdpo-export-9'; this program reads 'ortdpo-export-1'. Export again.",
            Assert.Throws<InvalidDataException>(() => ExportVerification.Of(export)).Message);
        File.WriteAllText(path, "{");
        Assert.StartsWith(path, Assert.Throws<InvalidDataException>(() => ExportVerification.Of(export)).Message, StringComparison.Ordinal);
        File.Delete(path);
        Assert.Equal(
            $"{export} has no manifest.json, which every export has: it was removed, or another program wrote the folder. Export again.",
            Assert.Throws<InvalidDataException>(() => ExportVerification.Of(export)).Message);
        Assert.True(ExportVerification.IsExport(export));
    }

    [Fact]
    public void What_a_file_says_of_itself_is_read_past_its_weights()
    {
        var path = Path.Combine(export, "model.onnx");
        var said = OnnxSummary.Read(path);
        Assert.Equal("ab", said.Metadata["ortdpo.policy_digest"]);
        Assert.Equal(["input_ids", "attention_mask", "position_ids"], said.Inputs.Select(input => input.Name).Take(3));
        var bytes = File.ReadAllBytes(path);
        foreach (var length in (int[])[0, 1, bytes.Length / 3, bytes.Length - 1])
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.StartsWith(
                $"{path} is damaged: ", Assert.Throws<InvalidDataException>(() => OnnxSummary.Read(path)).Message,
                StringComparison.Ordinal);
        }
    }
}
