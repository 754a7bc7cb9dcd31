using System.Text.Json.Nodes;
using OrtDpo.Adapters.Onnx;
using OrtDpo.Export.Adapters;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Runs;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Tests.Adapters;

/// <summary>Adapters that do not fit the base beside them.</summary>
public sealed class AdapterVerificationTests : IDisposable
{
    const string Digest = "0123456789abcdef";

    readonly TemporaryFolder folder = new();
    readonly DecoderModel model;
    readonly IReadOnlyList<OnnxAdapterTensor> fits;

    public AdapterVerificationTests()
    {
        model = RandomFamily.Write("llama", folder);
        fits = RandomAdapter.Of(model, seed: 1, i => i < 2 ? 2 : 0).Tensors;
        using var opened = ModelFolder.Open(folder.Path);
        SlottedModel.Write(
            folder.File("model.onnx"), opened, WeightType.F32,
            new() { Digests = new Dictionary<string, string> { ["base_digest"] = Digest } });
        Directory.CreateDirectory(folder.File("adapters"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_fits_has_no_fault()
    {
        Put("a", Digest, [.. fits]);
        Put("b", Digest, fits[0], fits[1]);
        var found = AdapterVerification.Of(folder.Path);
        Assert.Empty(found.Faults);
        Assert.Equal((2, true), (found.Adapters, found.Ok));
    }

    [Fact]
    public void Each_fault_is_named_once()
    {
        Put("base", "fedcba9876543210", [.. fits]);
        Put("name", Digest, fits[0] with { Name = "model.layers.9.self_attn.q_proj.lora_A.weight" }, fits[1] with { Name = "x" });
        Put("size", Digest, fits[0] with { Shape = [2, 64] }, fits[1]);
        Put("type", Digest, fits[0] with { Type = WeightType.F16, Data = new byte[2 * 64 * 2] }, fits[1]);
        Put("whole", Digest, [.. fits]);
        Put("zapped", Digest, [.. fits]);
        File.Delete(PathOf("zapped") + ".json");
        using (var file = File.OpenWrite(PathOf("whole")))
        {
            file.Seek(-1, SeekOrigin.End);
            file.WriteByte(0x55);
        }

        var onnx = folder.File("model.onnx");
        Assert.Equal(
            [
                $"{PathOf("base")} is of another base: it was trained on fedcba987654…, and {onnx} is 0123456789ab…. Put it beside its own "
                    + "base.",
                $"{PathOf("name")}: {onnx} has no input 'model.layers.9.self_attn.q_proj.lora_A.weight'. Put the adapter beside its own "
                    + "base.",
                $"{PathOf("size")}: tensor '{fits[0].Name}' is [2, 64], and the input of {onnx} is [64, rank]. Put the adapter beside its "
                    + "own base.",
                $"{PathOf("type")}: tensor '{fits[0].Name}' is float16, and the input of {onnx} is of ONNX's element type 1. Export both "
                    + "in one dtype.",
                $"{PathOf("whole")} changed since it was exported: its digest is not that of whole.onnx_adapter.json. Export it again.",
                $"{PathOf("zapped")}.json is missing. Expected it as this program wrote it; restore the file.",
            ],
            AdapterVerification.Of(folder.Path).Faults);
    }

    [Fact]
    public void A_model_that_does_not_say_its_base_is_refused()
    {
        using var opened = ModelFolder.Open(folder.Path);
        SlottedModel.Write(folder.File("model.onnx"), opened, WeightType.F32, new());
        var refused = Assert.Throws<InvalidDataException>(() => AdapterVerification.Of(folder.Path));
        Assert.StartsWith(
            $"{folder.File("model.onnx")} does not say what base it is (ortdpo.base_digest)", refused.Message, StringComparison.Ordinal);
    }

    string PathOf(string name) => Path.Combine(folder.Path, "adapters", name + OnnxAdapter.Extension);

    void Put(string name, string digest, params OnnxAdapterTensor[] tensors)
    {
        var path = RandomAdapter.Write(folder, Path.Combine("adapters", name), new(tensors));
        FileJson.Write(path + AdapterOrigin.Suffix, new AdapterOrigin
        {
            FileDigest = FileDigest.OfFile(path), BaseDigest = digest, Dtype = "float32", Lora = new JsonObject(),
            Digests = new Dictionary<string, string>(), Parity = new ParityReport(1, 1, 0, 0, 0, 1, 1),
        });
    }
}
