using System.IO.Compression;
using System.Runtime.InteropServices;
using OrtDpo.Artifacts.Import;
using OrtDpo.Generate;
using OrtDpo.Runs;
using OrtDpo.Safetensors;

namespace OrtDpo.Page.Tests.Browser;

/// <summary>The page trains as the step engine does.</summary>
public sealed class TrajectoryTests(Chromium chromium) : IClassFixture<Chromium>
{
    // What is promised of all engines: float32 in another order of sums, after 20 steps.
    const double Tolerance = 1e-4;

    // Parameters, at a rate of 5e-4. AdamW takes a step of its rate by the sign of a gradient that is nothing but rounding too: measured,
    // of all weights 6 in 100,000 come farther apart than the tolerance, and the mean is 7e-8.
    const double MeanTolerance = 1e-6;
    const double FarShare = 5e-4;

    const string Question = "What noise do donkeys make?";

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [Trait("Speed", "long")]
    public async Task Twenty_steps_of_the_page_have_the_losses_of_the_step_engine(bool isLora, bool hasThreads)
    {
        const int Steps = 20;
        using var folder = new TemporaryFolder();
        var packages = PagePackages.Folder;
        var (run, losses) = SampleRun.Train(folder, isLora ? SampleRun.Lora : null, Steps);
        Assert.Equal(Steps, losses.Length);
        var result = TrainingPage.Write(new PageRequest { Run = run, Packages = packages, Out = folder.File("page") });
        Assert.Equal((SampleRun.Pairs, 0), (result.Pairs, result.Unreadable));
        await using var page = await OpenedPage.Open(await chromium.Start(), result.Folder, isolates: hasThreads);
        Assert.Null(await page.Fault());
        var threads = hasThreads && Environment.ProcessorCount > 1 ? "threads" : "1 thread";
        Assert.Contains(threads, await page.Page.InnerTextAsync("#facts"), StringComparison.Ordinal);
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

        // What is taken home is what the engine trained, and answers as the page does.
        var (_, answer) = await page.Ask(Question);
        var home = folder.File("home");
        var file = await page.Download("#save", folder.File("download"));
        if (isLora)
        {
            ZipFile.ExtractToDirectory(file, home);
        }
        else
        {
            CheckpointImport.Run(new ImportRequest { Checkpoint = file, Model = SampleRun.Model, Out = home });
        }

        AssertSame(TrainedRun.Open(run).Checkpoint, home, isLora ? "adapter_model.safetensors" : "model.safetensors");
        using var model = TextModel.Load(isLora ? SampleRun.Model : home, threads: 1, isLora ? home : null);
        Assert.Equal(model.Continue($"User: {Question}\nAssistant:", maxNewTokens: 64).Trim(), answer);
    }

    static void AssertSame(string expected, string taken, string file)
    {
        using var trained = SafetensorsFile.Open(Path.Combine(expected, file), WeightMapping.ReadOnly);
        using var home = SafetensorsFile.Open(Path.Combine(taken, file), WeightMapping.ReadOnly);
        Assert.Equal(trained.Tensors.Keys.Order(StringComparer.Ordinal), home.Tensors.Keys.Order(StringComparer.Ordinal));
        var (sum, count, far) = (0.0, 0L, 0L);
        foreach (var (name, tensor) in trained.Tensors)
        {
            foreach (var (one, other) in Values(trained, tensor).Zip(Values(home, home.Tensors[name])))
            {
                var difference = Math.Abs((double)one - other);
                (sum, count, far) = (sum + difference, count + 1, far + (difference > Tolerance ? 1 : 0));
            }
        }

        var found = $"mean difference {sum / count:0.0e0}, {far} of {count} farther than {Tolerance}";
        TestContext.Current.TestOutputHelper?.WriteLine(found);
        Assert.True(sum / count < MeanTolerance && far < FarShare * count, found);

        static float[] Values(SafetensorsFile file, TensorEntry tensor)
        {
            var values = new float[tensor.ByteCount / sizeof(float)];
            Marshal.Copy(file.Address(tensor), values, 0, values.Length);
            return values;
        }
    }
}
