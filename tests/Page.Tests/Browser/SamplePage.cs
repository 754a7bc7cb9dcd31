using OrtDpo.Artifacts.Graphs;
using OrtDpo.Data;
using OrtDpo.Objectives;

namespace OrtDpo.Page.Tests.Browser;

/// <summary>A page of artifacts of the demo model under a new adapter, with eight pairs.</summary>
public sealed class SamplePage : IDisposable
{
    readonly TemporaryFolder folder = new();
    string? written;

    /// <summary>The page's folder, written by the first test that asks; nobody changes it.</summary>
    public string Folder => written ??= Write();

    public void Dispose() => folder.Dispose();

    string Write()
    {
        var packages = PagePackages.Folder;
        var artifacts = folder.File("artifacts");
        ArtifactWriter.Write(new ArtifactRequest
        {
            Model = SampleRun.Model, Out = artifacts, Lora = SampleRun.Lora,
            Options = new ArtifactOptions { Objective = Objective.Parse("sigmoid"), HasLogits = true },
        });
        return TrainingPage.Write(new PageRequest
        {
            Artifacts = artifacts, Files = DataSource.FromPaths([SampleRun.Data(folder)]), Packages = packages, Out = folder.File("page"),
        }).Folder;
    }
}
