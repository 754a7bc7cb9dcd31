using System.Text.Json;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Data;
using OrtDpo.Generate;
using OrtDpo.Runs;

namespace OrtDpo.Page.Tests.Browser;

/// <summary>What a page begins with.</summary>
public sealed class OriginTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    [Trait("Speed", "long")]
    public async Task A_page_of_a_checkpoint_begins_with_what_the_run_has_trained()
    {
        using var folder = new TemporaryFolder();
        var packages = PagePackages.Folder;
        var (run, _) = SampleRun.Train(folder, SampleRun.Lora, steps: 10);
        var request = new PageRequest { Run = run, Packages = packages, Pairs = 3, Out = folder.File("page") };
        var result = TrainingPage.Write(request with { Checkpoint = CheckpointChoice.Last });
        Assert.Equal(("demo", "sigmoid", 3), (result.Model, result.Loss, result.Pairs));
        var manifest = ArtifactManifest.Read(Path.Combine(result.Folder, TrainingPage.ModelFolder));
        Assert.NotNull(manifest.Model.AdapterDigest);
        await using var page = await OpenedPage.Open(await chromium.Start(), result.Folder);
        var question = await page.Page.InputValueAsync("#question");
        var (before, _) = await page.Ask(question);
        using (var model = TextModel.LoadRun(run, threads: 1))
        {
            Assert.Equal(model.Continue($"User: {question}\nAssistant:", maxNewTokens: 64).Trim(), before);
        }

        // Its reference is what it begins with, and not what the run had.
        await page.Train(1);
        var steps = await page.Numbers(folder.File("numbers.json"));
        AssertClose(Math.Log(2), steps[0].GetProperty("loss").GetDouble(), absolute: 1e-6);
        Assert.Null(await page.Fault());
    }

    [Fact]
    public void What_becomes_of_the_rows_of_files_is_told()
    {
        using var folder = new TemporaryFolder();
        var packages = PagePackages.Folder;
        var artifacts = folder.File("artifacts");
        ArtifactWriter.Write(new ArtifactRequest
        {
            Model = SampleRun.Model, Out = artifacts,
            Options = new ArtifactOptions { Objective = Objectives.Objective.Parse("sigmoid"), HasLogits = true },
        });
        // Without a prompt there is nothing to continue.
        (string Prompt, string Chosen, string Rejected)[] rows = [("", "Yes.", "No."), ("Now?", "Yes.", "No."), ("Here?", "No.", "Yes.")];
        var lines = rows.Select(row => JsonSerializer.Serialize(new { prompt = row.Prompt, chosen = row.Chosen, rejected = row.Rejected }));
        var pairs = folder.Write("pairs.jsonl", string.Join('\n', lines));
        var page = TrainingPage.Write(new PageRequest
        {
            Artifacts = artifacts, Files = DataSource.FromPaths([pairs]), PassedOverFiles = ["notes.txt"], Packages = packages,
            Out = folder.File("page"),
        });
        Assert.Equal((2, 2), (page.Pairs, page.Ledger!.Train));
        Assert.Equal(["pairs.jsonl:1"], page.Ledger.DroppedRows.Values.SelectMany(dropped => dropped));
        Assert.Equal(["notes.txt"], page.Ledger.PassedOverFiles);
    }

    [Fact]
    public void Artifacts_that_a_page_cannot_train_are_refused_in_words()
    {
        using var folder = new TemporaryFolder();
        var packages = PagePackages.Folder;
        Refused("kto", hasLogits: true, "minimises kto, and a page trains on pairs with the loss inside");
        Refused("sigmoid", hasLogits: false, "has no logits_model.onnx, with which a page answers. Make the artifacts again with `Logits`");

        void Refused(string loss, bool hasLogits, string said)
        {
            var artifacts = folder.File(loss);
            ArtifactWriter.Write(new ArtifactRequest
            {
                Model = SampleRun.Model, Out = artifacts,
                Options = new ArtifactOptions { Objective = Objectives.Objective.Parse(loss), HasLogits = hasLogits },
            });
            var error = Assert.Throws<NotSupportedException>(() => TrainingPage.Write(new PageRequest
            {
                Artifacts = artifacts, Packages = packages, Out = folder.File("page"),
            }));
            Assert.Contains(said, error.Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder.File("page")));
        }
    }
}
