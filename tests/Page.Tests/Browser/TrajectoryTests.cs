namespace OrtDpo.Page.Tests.Browser;

/// <summary>The page trains as the step engine does.</summary>
public sealed class TrajectoryTests(Chromium chromium) : IClassFixture<Chromium>
{
    // What issue and record promise of both engines: float32 in another order of sums, after 20 steps.
    const double Tolerance = 1e-4;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Speed", "long")]
    public async Task Twenty_steps_of_the_page_have_the_losses_of_the_step_engine(bool isLora)
    {
        const int Steps = 20;
        using var folder = new TemporaryFolder();
        var packages = PagePackages.Folder;
        var (run, losses) = SampleRun.Train(folder, isLora ? SampleRun.Lora : null, Steps);
        Assert.Equal(Steps, losses.Length);
        var result = TrainingPage.Write(new PageRequest { Run = run, Packages = packages, Out = folder.File("page") });
        Assert.Equal((SampleRun.Pairs, 0), (result.Pairs, result.Unreadable));
        await using var page = await OpenedPage.Open(await chromium.Start(), result.Folder);
        Assert.Null(await page.Fault());
        await page.Train(Steps);
        Assert.Null(await page.Fault());
        var steps = await page.Numbers(folder.File("numbers.json"));
        double[] found = [.. steps.Select(step => step.GetProperty("loss").GetDouble())];
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"largest difference of losses: {losses.Zip(found, (a, b) => Math.Abs(a - b)).Max():0.0e0}, at {losses[^1]:0.000000}");
        AssertClose(losses, found, absolute: Tolerance);
        // The last tells that something was learned, and not the same said twenty times.
        Assert.True(losses[^1] < 0.9 * losses[0], $"{losses[0]} to {losses[^1]}");
        Assert.Empty(page.Foreign);
        Assert.Empty(page.Complaints);
    }
}
