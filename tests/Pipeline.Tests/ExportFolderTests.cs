using Google.Protobuf;
using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Exported folders that somebody changed, and folders of other tools, from the command line.</summary>
public sealed class ExportFolderTests(TinyPipeline pipeline) : IClassFixture<TinyPipeline>, IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Verify_finds_a_changed_model_and_generate_another_tokenizer()
    {
        var deploy = Export("deploy");
        var verified = TinyPipeline.Succeed("verify", deploy);
        Assert.StartsWith($"export (onnx): {deploy}\n", verified, StringComparison.Ordinal);
        Assert.EndsWith("everything is as it was exported\n", verified, StringComparison.Ordinal);
        TinyPipeline.Succeed("generate", "--model", deploy, "--prompt", "User: ", "--max-new-tokens", "2");

        // The pieces of the pair with the lowest rank change places: the same vocabulary, other ids.
        var tokenizer = Path.Combine(deploy, "tokenizer.json");
        var text = File.ReadAllText(tokenizer);
        File.WriteAllText(tokenizer, Swapped(text));
        var refused = OrtDpoProgram.Run(["generate", "--model", deploy, "--prompt", "User: ", "--max-new-tokens", "2"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith(
            $"{deploy} holds another tokenizer than {deploy}/model.onnx was exported with: ", refused.Error,
            StringComparison.Ordinal);
        Assert.StartsWith($"{tokenizer} is damaged or was changed: ", Verify(deploy).Error, StringComparison.Ordinal);
        File.WriteAllText(tokenizer, text);

        var model = Path.Combine(deploy, "model.onnx");
        var bytes = File.ReadAllBytes(model);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(model, bytes);
        Assert.StartsWith($"{model} is damaged or was changed: ", Verify(deploy).Error, StringComparison.Ordinal);
        var scored = OrtDpoProgram.Run(["verify", deploy, "--model", pipeline.Model]);
        Assert.Equal(
            $"{deploy} is an export, which was compared with its policy when it was written (--model is for a cache). Leave --model out.\n",
            scored.Error);
    }

    [Fact]
    public void A_model_of_another_tool_generates_whose_operators_are_not_known()
    {
        // As GenAI's exporter writes it: attention as GroupQueryAttention over a cache in float16, and no word of who the model is.
        var deploy = Export("foreign", "--compute", "float16", "--attention", "grouped");
        var text = Generate(deploy);
        var path = Path.Combine(deploy, "model.onnx");
        var file = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        Assert.Contains(file.Graph.Node, node => node.OpType == "GroupQueryAttention");
        file.MetadataProps.Clear();
        File.WriteAllBytes(path, file.ToByteArray());
        Assert.Equal(text, Generate(deploy));
        File.Delete(Path.Combine(deploy, "genai_config.json"));
        var refused = OrtDpoProgram.Run(["generate", "--model", deploy, "--prompt", "User: ", "--max-new-tokens", "8"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("GroupQueryAttention", refused.Error, StringComparison.Ordinal);
    }

    static ProgramRun Verify(string export) => OrtDpoProgram.Run(["verify", export]);

    static string Generate(string model) =>
        TinyPipeline.Succeed("generate", "--model", model, "--prompt", "User: ", "--max-new-tokens", "8");

    string Export(string name, params string[] options)
    {
        TinyPipeline.Succeed(["export", "--run", pipeline.Run, "--out", folder.File(name), .. options]);
        return folder.File(name);
    }

    // Two ids of the vocabulary change places.
    static string Swapped(string tokenizer)
    {
        var root = System.Text.Json.Nodes.JsonNode.Parse(tokenizer)!;
        var vocabulary = root["model"]!["vocab"]!.AsObject();
        var names = vocabulary.Select(entry => entry.Key).TakeLast(2).ToList();
        var (first, second) = ((int)vocabulary[names[0]]!, (int)vocabulary[names[1]]!);
        (vocabulary[names[0]], vocabulary[names[1]]) = (second, first);
        return root.ToJsonString();
    }
}
