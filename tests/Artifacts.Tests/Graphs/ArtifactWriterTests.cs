using OrtDpo.Adapters;
using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Models;
using OrtDpo.Models.Quantized;
using OrtDpo.Objectives;
using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Tests.Graphs;

public sealed class ArtifactWriterTests
{
    static readonly string Demo = Repository.Find("models", "demo");

    [Fact]
    public void A_folder_holds_all_that_a_device_needs_and_says_what_it_is()
    {
        using var folder = new TemporaryFolder();
        var result = Write(folder, new ArtifactOptions { Objective = Objective.Parse("sigmoid"), HasLogits = true }, maxLength: 64);
        Assert.Equal(
            [
                "artifacts.json", "checkpoint", "config.json", "eval_model.onnx", "logits_model.onnx", "optimizer_model.onnx",
                "tokenizer.json", "tokenizer_config.json", "training_model.onnx",
            ],
            result.Files.Select(file => file.Name));
        var manifest = ArtifactManifest.Read(result.Folder);
        Assert.Equal(result.Manifest.ToJson(), manifest.ToJson());
        Assert.Equal(("sigmoid", ArtifactRows.Pair, ArtifactScope.Row), (manifest.Loss, manifest.Rows, manifest.Scope));
        Assert.Equal(0.1, manifest.Scalars["beta"]);
        Assert.Equal((64, 1024, "llama"), (manifest.Model.MaxLength, manifest.Model.Vocabulary, manifest.Model.Family));
        using var model = ModelFolder.Open(Demo);
        model.FixMaxLength(64);
        Assert.Equal(ReferenceDigest.Compute(model), manifest.Model.Digest);
        Assert.Null(manifest.Lora);
        Assert.All(manifest.Parameters, parameter => Assert.True(parameter.Trains));

        // What users feed and get is what the files say.
        var training = new WrittenModel(File.ReadAllBytes(Path.Combine(result.Folder, ArtifactWriter.TrainingFile)));
        Assert.Equal(manifest.Training.Inputs.Select(Text), training.Inputs.Take(manifest.Training.Inputs.Count).Select(Written));
        Assert.Equal(manifest.Training.Outputs.Select(Text), training.Outputs.Take(manifest.Training.Outputs.Count).Select(Written));
        Assert.Equal(
            manifest.Parameters.Select(p => p.Name),
            training.Inputs.Skip(manifest.Training.Inputs.Count).Take(manifest.Parameters.Count));

        static string Text(TensorSignature tensor) => $"{tensor.Name} {tensor.Type} [{string.Join(", ", tensor.Shape)}]";
        string Written(string name) => $"{name} {char.ToLowerInvariant(training.TypeOf(name)[0])}{training.TypeOf(name)[1..]}";
    }

    [Fact]
    public void The_checkpoint_has_the_weights_in_order_and_the_manifest()
    {
        using var folder = new TemporaryFolder();
        var result = Write(folder, Sigmoid);
        using var checkpoint = OnDeviceCheckpoint.Open(Path.Combine(result.Folder, ArtifactWriter.CheckpointFile));
        using var model = ModelFolder.Open(Demo);
        using var weights = new WeightStore(model);
        Assert.Empty(checkpoint.Contents.Frozen);
        Assert.Equal(weights.Tensors.Select(t => t.Name), checkpoint.Contents.Trainable.Select(t => t.Name));
        foreach (var tensor in checkpoint.Contents.Trainable)
        {
            Assert.Equal(weights[tensor.Name].Shape, tensor.Shape);
            Assert.Equal(weights[tensor.Name].AsSpan().ToArray(), Floats(tensor));
        }

        var text = checkpoint.Contents.Properties.Strings[ArtifactManifest.PropertyName];
        Assert.Equal(File.ReadAllText(Path.Combine(result.Folder, ArtifactManifest.FileName)), text);
        Assert.Equal(result.Manifest.ToJson(), ArtifactManifest.Parse(text, "the checkpoint").ToJson());
    }

    [Fact]
    public void Under_an_adapter_its_factors_train_and_the_base_is_frozen()
    {
        using var folder = new TemporaryFolder();
        var result = ArtifactWriter.Write(new ArtifactRequest
        {
            Model = Demo, Out = folder.File("out"), Options = Sigmoid, Seed = 9,
            Lora = new LoraConfig { Rank = 4, Alpha = 8, TargetModules = ModuleChoice.AllLinear, ModulesToSave = ["model.norm"] },
        });
        using var checkpoint = OnDeviceCheckpoint.Open(Path.Combine(result.Folder, ArtifactWriter.CheckpointFile));
        var trained = checkpoint.Contents.Trainable;
        Assert.Equal(
            trained.Select(t => t.Name), result.Manifest.Parameters.Where(p => p.Trains).Select(p => p.Name));
        Assert.Contains(trained, t => t.Name == "model.norm.weight");
        Assert.Contains(trained, t => t.Name.Contains(".lora_A.", StringComparison.Ordinal));
        Assert.All(
            trained.Where(t => t.Name.Contains(".lora_B.", StringComparison.Ordinal)), t => Assert.All(Floats(t), b => Assert.Equal(0, b)));
        Assert.Contains(checkpoint.Contents.Frozen, t => t.Name == "model.embed_tokens.weight");
        Assert.DoesNotContain(checkpoint.Contents.Frozen, t => t.Name.Contains(".lora_", StringComparison.Ordinal));
        var lora = result.Manifest.Lora!.Value;
        Assert.Equal((4, 8), (lora.GetProperty("r").GetInt32(), lora.GetProperty("lora_alpha").GetInt32()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, lora.GetProperty("base_model_name_or_path").ValueKind);
        Assert.Equal(9ul, result.Manifest.Model.Seed);
    }

    [Fact]
    public void Tensors_lie_beside_the_checkpoint_or_nowhere_where_that_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        var beside = Write(folder, Sigmoid with { ExternalData = true }, name: "beside");
        Assert.True(new FileInfo(Path.Combine(beside.Folder, "checkpoint.data")).Length >= 4 * 918_656);
        Assert.Contains(beside.Notes, note => note.Contains("browsers", StringComparison.Ordinal));
        using (var checkpoint = OnDeviceCheckpoint.Open(Path.Combine(beside.Folder, "checkpoint")))
        {
            Assert.Equal(beside.Manifest.Parameters.Select(p => p.Name), checkpoint.Contents.Trainable.Select(t => t.Name));
        }

        var nominal = Write(folder, Sigmoid with { IsNominal = true }, name: "nominal");
        Assert.True(nominal.Manifest.Nominal);
        using var names = OnDeviceCheckpoint.Open(Path.Combine(nominal.Folder, "checkpoint"));
        Assert.True(names.Contents.IsNominal);
        Assert.Equal(nominal.Manifest.Parameters.Select(p => p.Name), names.Contents.Trainable.Select(t => t.Name));
    }

    [Fact]
    public void Weights_in_16_bits_become_float32_with_a_word()
    {
        using var folder = new TemporaryFolder();
        var model = Directory.CreateDirectory(folder.File("model")).FullName;
        foreach (var file in (string[])["config.json", "tokenizer.json", "tokenizer_config.json"])
        {
            File.Copy(Path.Combine(Demo, file), Path.Combine(model, file));
        }

        var rounded = Rounded(Path.Combine(model, "model.safetensors"));
        var result = ArtifactWriter.Write(new ArtifactRequest { Model = model, Out = folder.File("out"), Options = Sigmoid });
        Assert.Contains(result.Notes, note => note.StartsWith("weights are stored as bfloat16", StringComparison.Ordinal));
        using var checkpoint = OnDeviceCheckpoint.Open(Path.Combine(result.Folder, "checkpoint"));
        Assert.All(checkpoint.Contents.Trainable, tensor => Assert.Equal(rounded[tensor.Name], Floats(tensor)));
        Assert.Contains("float32", File.ReadAllText(Path.Combine(result.Folder, "config.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_runtime_cannot_do_is_refused_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        var decay = Sigmoid with { Optimizer = new ArtifactOptimizer { WeightDecay = 0.01 } };
        Assert.Equal(
            "`WeightDecay` is 0.01, and 'model.layers.0.input_layernorm.weight' is a vector that trains. ONNX Runtime's optimizer has one "
            + "decay for everything, and biases and norms must not decay. Leave it out, or train an adapter (`Lora`).",
            Assert.Throws<NotSupportedException>(() => Write(folder, decay)).Message);
        using (var held = ModelFolder.Open(Demo, adapter: null, WeightMapping.ReadOnly, new BaseWeights("nf4")))
        {
            var message = Assert.Throws<NotSupportedException>(() => ArtifactWriter.Write(held, 64, Sigmoid, folder.File("out"))).Message;
            Assert.StartsWith($"The weights of {Demo} are held in 4 bits (format=nf4 ", message, StringComparison.Ordinal);
            Assert.EndsWith(
                ", and checkpoints of ONNX Runtime's on-device training hold float32. Give the model that they were made from.", message,
                StringComparison.Ordinal);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
        Directory.CreateDirectory(folder.File("out"));
        Assert.Contains("exists already", Assert.Throws<IOException>(() => Write(folder, Sigmoid)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aot", null, "aot is a loss over all pairs of an optimizer step")]
    [InlineData("sigmoid", 0.5, "the reference's log-probabilities must be sums with the same weights of tokens")]
    public void What_a_user_must_know_of_an_objective_is_said(string losses, double? ldAlpha, string note)
    {
        using var folder = new TemporaryFolder();
        var objective = Objective.Parse(losses, new ObjectiveOptions { LdAlpha = ldAlpha });
        var result = Write(folder, new ArtifactOptions { Objective = objective });
        Assert.StartsWith(note, Assert.Single(result.Notes), StringComparison.Ordinal);
    }

    static ArtifactOptions Sigmoid { get; } = new() { Objective = Objective.Parse("sigmoid") };

    static ArtifactResult Write(TemporaryFolder folder, ArtifactOptions options, int? maxLength = null, string name = "out") =>
        ArtifactWriter.Write(new ArtifactRequest { Model = Demo, Out = folder.File(name), MaxLength = maxLength, Options = options });

    static unsafe float[] Floats(TensorSource tensor) =>
        new Span<float>((void*)tensor.Address, (int)tensor.Shape.Aggregate(1L, (count, size) => count * size)).ToArray();

    // The demo model's weights cut to bfloat16, and what they then are.
    static unsafe Dictionary<string, float[]> Rounded(string path)
    {
        using var model = ModelFolder.Open(Demo);
        using var weights = new WeightStore(model);
        var numbers = weights.Tensors.ToDictionary(
            t => t.Name,
            t => Array.ConvertAll(t.AsSpan().ToArray(), v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16)), StringComparer.Ordinal);
        var pins = numbers.ToDictionary(n => n.Key, n => System.Runtime.InteropServices.GCHandle.Alloc(
            n.Value, System.Runtime.InteropServices.GCHandleType.Pinned), StringComparer.Ordinal);
        using (var file = File.Create(path))
        {
            SafetensorsWriter.Write(file, weights.Tensors.Select(
                t => new TensorSource(t.Name, WeightType.BF16, t.Shape, pins[t.Name].AddrOfPinnedObject())));
        }

        foreach (var pin in pins.Values)
        {
            pin.Free();
        }

        return numbers.ToDictionary(
            n => n.Key, n => Array.ConvertAll(n.Value, bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)), StringComparer.Ordinal);
    }
}
