using System.Text.Json.Nodes;
using OrtDpo.Adapters;
using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Artifacts.Import;
using OrtDpo.Artifacts.Tests.Checkpoints;
using OrtDpo.Export.Tests;
using OrtDpo.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Tests.Import;

public sealed class CheckpointImportTests : IClassFixture<CheckpointImportTests.Trained>
{
    readonly Trained trained;

    public CheckpointImportTests(Trained trained) => this.trained = trained;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_model_has_the_numbers_of_the_device(bool external)
    {
        var whole = trained.Whole;
        var result = CheckpointImport.Run(new ImportRequest
        {
            Checkpoint = whole.Written(whole.Contents, external), Model = whole.Model, Out = whole.File(),
        });
        Assert.False(result.IsAdapter);
        using var model = ModelFolder.Open(result.Folder);
        Assert.Equal(whole.Manifest.Parameters.Select(p => p.Name).Order(), model.Parameters.Order());
        AssertSame(whole.Contents.Trainable, model);
        model.FixMaxLength(whole.Manifest.Model.MaxLength);
        Assert.Equal(ReferenceDigest.Compute(model), result.Digest);
        foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"])
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole.Model, file)), File.ReadAllBytes(Path.Combine(result.Folder, file)));
        }

        Assert.Equal(
            [
                "the optimizer's state after 20 steps stays behind: a run that goes on from here begins with none",
                "values that the device kept in the checkpoint stay behind: epoch",
            ], result.Notes);
    }

    [Fact]
    public void A_model_that_came_as_ONNX_has_the_numbers_of_the_device()
    {
        using var onnx = new TrainedCheckpoint(hasAdapter: false, "chain-llama-opset15-pasts");
        var result = onnx.Import(onnx.Contents);
        using var model = ModelFolder.Open(result.Folder);
        Assert.Equal("onnx", model.Model.Family);
        AssertSame(onnx.Contents.Trainable, model);
    }

    [Fact]
    public void An_adapter_is_PEFTs_with_the_numbers_of_the_device()
    {
        var adapted = trained.Adapted;
        var result = adapted.Import(adapted.Contents);
        Assert.True(result.IsAdapter);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(result.Folder, LoraConfig.FileName)))!;
        Assert.Equal(
            ("LORA", 3, 6, adapted.Model),
            ((string?)config["peft_type"], (int)config["r"]!, (int)config["lora_alpha"]!, (string?)config["base_model_name_or_path"]));
        using (var file = SafetensorsFile.Open(Path.Combine(result.Folder, AdapterFile.FileName)))
        {
            Assert.Equal(
                adapted.Contents.Trainable.Select(t => "base_model.model." + t.Name).Order(StringComparer.Ordinal),
                file.Tensors.Keys.Order(StringComparer.Ordinal));
        }

        // By the adapter's own word for its base, and with the check of the base's digest.
        using var model = ModelFolder.Open(result.Folder);
        Assert.NotNull(model.Adapter);
        AssertSame(adapted.Contents.Trainable, model);
        model.FixMaxLength(adapted.Manifest.Model.MaxLength);
        Assert.Equal(ReferenceDigest.Compute(model), result.Digest);
    }

    [Fact]
    public void What_was_not_trained_is_said()
    {
        var result = CheckpointImport.Run(new ImportRequest
        {
            Checkpoint = Path.Combine(trained.Adapted.Artifacts, "checkpoint"), Model = trained.Adapted.Model, Out = trained.Adapted.File(),
        });
        Assert.Equal(["it is the model that the artifacts were made of: the checkpoint was not trained"], result.Notes);
        Assert.Equal(trained.Adapted.Manifest.Model.Digest, result.Digest);
    }

    [Fact]
    public void A_checkpoint_that_does_not_say_what_it_is_of_needs_its_artifacts()
    {
        var bare = trained.Whole.Contents with { Properties = PropertyBag.Empty };
        Assert.NotEmpty(trained.Whole.Import(bare, trained.Whole.Artifacts).Digest);
        Refused(
            trained.Whole, bare,
            "does not say what artifacts it is of: it has no property 'ortdpo.artifacts'. Give their folder (`Artifacts`).");
    }

    [Fact]
    public void Artifacts_of_another_checkpoint_are_refused() =>
        Refused(
            trained.Whole, trained.Whole.Contents,
            $"is of other artifacts than those in {trained.Adapted.Artifacts}: the two artifacts.json differ. Give the folder of its own, "
            + "or leave it out (`Artifacts`).",
            trained.Adapted.Artifacts);

    [Fact]
    public void Another_model_is_refused()
    {
        using var other = new TemporaryFolder();
        RandomFamily.Write("llama", other, seed: 2);
        var path = trained.Adapted.Written(trained.Adapted.Contents);
        var refused = Assert.Throws<InvalidDataException>(() => CheckpointImport.Run(
            new ImportRequest { Checkpoint = path, Model = other.Path, Out = trained.Adapted.File() }));
        Assert.StartsWith(
            $"{path} is of a model with the digest {trained.Adapted.Manifest.Model.Digest[..12]}…, and {other.Path} has ", refused.Message,
            StringComparison.Ordinal);
        Assert.EndsWith(
            "…: another model, other numbers or another dtype. Give the model that the artifacts were made of (`Model`).", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_parameter_is_named() => Refused(
        trained.Adapted, trained.Adapted.Contents with { Trainable = [.. trained.Adapted.Contents.Trainable.Skip(1)], Groups = [] },
        $"lacks '{trained.Adapted.Contents.Trainable[0].Name}', which trains in its artifacts. Give the checkpoint that was "
        + "trained from these.");

    [Fact]
    public void A_missing_parameter_that_does_not_train_is_named() => Refused(
        trained.Adapted, trained.Adapted.Contents with { Frozen = [.. trained.Adapted.Contents.Frozen.Skip(1)] },
        $"lacks '{trained.Adapted.Contents.Frozen[0].Name}', which does not train in its artifacts.");

    [Fact]
    public void A_foreign_parameter_is_named() => Refused(
        trained.Whole, trained.Whole.Contents with { Frozen = [SampleCheckpoint.Floats("other", [1], 0)] },
        "holds 'other', which does not train there and not in its artifacts. Give the checkpoint that was trained from these artifacts.");

    [Fact]
    public void Another_shape_is_named()
    {
        var first = trained.Whole.Contents.Trainable[0];
        var other = first with { Shape = [first.Shape[1], first.Shape[0]] };
        Refused(
            trained.Whole, trained.Whole.Contents with { Trainable = [other, .. trained.Whole.Contents.Trainable.Skip(1)], Groups = [] },
            $"'{first.Name}' is F32 {TensorEntry.Describe(other.Shape)}; expected F32 {TensorEntry.Describe(first.Shape)}, as in its "
            + "artifacts. Give the checkpoint trained from these.");
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_no_number_is_named(float value)
    {
        var first = trained.Adapted.Contents.Trainable[0];
        var numbers = new float[first.ByteCount / sizeof(float)];
        numbers[4] = value;
        Refused(
            trained.Adapted,
            trained.Adapted.Contents with
            {
                Trainable = [TrainedCheckpoint.Held(first, numbers), .. trained.Adapted.Contents.Trainable.Skip(1)],
            },
            FormattableString.Invariant($": number 4 of '{first.Name}' is {value}. The training diverged: "));
    }

    [Fact]
    public void A_base_that_changed_is_named()
    {
        var first = trained.Adapted.Contents.Frozen[0];
        var numbers = new float[first.ByteCount / sizeof(float)];
        Refused(
            trained.Adapted,
            trained.Adapted.Contents with { Frozen = [TrainedCheckpoint.Held(first, numbers), .. trained.Adapted.Contents.Frozen.Skip(1)] },
            $": '{first.Name}' does not train, and has other numbers than in {trained.Adapted.Model}. ");
    }

    [Fact]
    public void A_checkpoint_of_names_alone_is_refused() => Refused(
        trained.Whole, trained.Whole.Contents with { IsNominal = true, Groups = [] },
        "has names and no numbers: it is nominal. Have the device save one after it has loaded its parameters.");

    [Fact]
    public void A_folder_that_is_there_is_left_alone()
    {
        var refused = Assert.Throws<IOException>(() => CheckpointImport.Run(new ImportRequest
        {
            Checkpoint = Path.Combine(trained.Whole.Artifacts, ArtifactWriter.CheckpointFile), Model = trained.Whole.Model,
            Out = trained.Whole.Artifacts,
        }));
        Assert.Equal($"{trained.Whole.Artifacts} exists already. Choose a new folder (`Out`), or remove it.", refused.Message);
    }

    static unsafe void AssertSame(IEnumerable<TensorSource> expected, ModelFolder model)
    {
        foreach (var tensor in expected)
        {
            var entry = model.Find(tensor.Name)!;
            Assert.Equal((WeightType.F32, tensor.ByteCount), (entry.Type, entry.ByteCount));
            Assert.Equal(tensor.Shape, entry.Shape);
            var found = new ReadOnlySpan<byte>((void*)model.Address(tensor.Name), (int)entry.ByteCount);
            Assert.True(found.SequenceEqual(SampleCheckpoint.Read(tensor)), tensor.Name);
        }
    }

    static void Refused(TrainedCheckpoint trained, OnDeviceCheckpoint contents, string part, string? artifacts = null)
    {
        var (path, made) = (trained.Written(contents), trained.File());
        var refused = Assert.Throws<InvalidDataException>(() => CheckpointImport.Run(
            new ImportRequest { Checkpoint = path, Artifacts = artifacts, Model = trained.Model, Out = made }));
        Assert.StartsWith(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(made));
    }

    /// <summary>A model that trained whole, and one under an adapter.</summary>
    public sealed class Trained : IDisposable
    {
        internal TrainedCheckpoint Whole { get; } = new(hasAdapter: false);

        internal TrainedCheckpoint Adapted { get; } = new(hasAdapter: true);

        public void Dispose()
        {
            Whole.Dispose();
            Adapted.Dispose();
        }
    }
}
