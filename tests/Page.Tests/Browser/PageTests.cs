using System.IO.Compression;
using Deque.AxeCore.Playwright;
using OrtDpo.Adapters;
using OrtDpo.Generate;
using OrtDpo.Safetensors;

namespace OrtDpo.Page.Tests.Browser;

/// <summary>The page as its reader has it, in a browser without a window.</summary>
public sealed class PageTests(Chromium chromium, SamplePage written) : IClassFixture<Chromium>, IClassFixture<SamplePage>
{
    const string Question = "What noise do donkeys make?";

    [Fact]
    public async Task The_page_trains_answers_and_gives_what_it_trained()
    {
        using var folder = new TemporaryFolder();
        await using var page = await OpenedPage.Open(await chromium.Start(), written.Folder);
        Assert.Null(await page.Fault());
        Assert.Equal(SampleRun.Pairs, await page.Page.Locator("#pairs li").CountAsync());
        var (before, now) = await page.Ask(Question);
        Assert.Equal(before, now);
        Assert.NotEmpty(before);

        await page.Page.FillAsync("#rate", "0.002");
        await page.Train(3);
        var steps = await page.Numbers(folder.File("numbers.json"));
        Assert.Equal([1, 2, 3], steps.Select(step => step.GetProperty("step").GetInt32()));
        // Step 0 is the reference itself: the mean of −log σ(0).
        AssertClose(Math.Log(2), steps[0].GetProperty("loss").GetDouble(), absolute: 1e-6);
        AssertClose(0, steps[0].GetProperty("rewards/margins").GetDouble(), absolute: 1e-5);
        Assert.True(steps[2].GetProperty("loss").GetDouble() < steps[0].GetProperty("loss").GetDouble() - 0.01);
        Assert.Contains("Step 3", await page.Page.InnerTextAsync("#status"), StringComparison.Ordinal);

        ZipFile.ExtractToDirectory(await page.Download("#save", folder.File("adapter.zip")), folder.File("adapter"));
        using var adapter = AdapterFile.Open(folder.File("adapter"), WeightMapping.ReadOnly);
        Assert.False(adapter.IsZero);

        // The model under the adapter says here what it says on the page.
        var (_, trained) = await page.Ask(Question);
        using (var model = TextModel.Load(SampleRun.Model, threads: 1, folder.File("adapter")))
        {
            Assert.Equal(model.Continue($"User: {Question}\nAssistant:", maxNewTokens: 64).Trim(), trained);
        }

        // Back where it was, the optimizer's moments too: the same losses again.
        await page.Page.ClickAsync("#again");
        await page.Page.Locator("#status:text-is('No step yet.')").WaitForAsync();
        await page.Train(2);
        var again = await page.Numbers(folder.File("again.json"));
        AssertClose(
            [.. steps.Take(2).Select(step => step.GetProperty("loss").GetDouble())],
            [.. again.Select(step => step.GetProperty("loss").GetDouble())], absolute: 1e-6);
        Assert.Empty(page.Foreign);
        Assert.Empty(page.Complaints);
        Assert.Empty(await page.Page.Context.CookiesAsync());
        Assert.Equal(0, await page.Page.EvaluateAsync<int>(
            "async () => localStorage.length + sessionStorage.length + (await indexedDB.databases()).length + (await caches.keys()).length"));
    }

    [Fact]
    public async Task Pairs_are_edited_added_and_removed_and_the_page_fits_a_phone()
    {
        await using var page = await OpenedPage.Open(await chromium.Start(), written.Folder, width: 390);
        var view = page.Page;
        Assert.True(
            await view.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"), "The page is wider than a phone.");

        await view.ClickAsync("#pairs li:first-child .edit");
        await view.FillAsync("#pairs li:first-child textarea.chosen", "");
        await view.ClickAsync("#pairs li:first-child .keep");
        await view.Locator("#pairs li:first-child .wrong:not([hidden])").WaitForAsync();
        Assert.Equal("The chosen answer is empty.", await view.InnerTextAsync("#pairs li:first-child .wrong"));
        await view.FillAsync("#pairs li:first-child textarea.chosen", "Quack quack.");
        await view.ClickAsync("#pairs li:first-child .keep");
        await view.Locator("#pairs li:first-child .chosen .text:text-is('Quack quack.')").WaitForAsync();

        await view.ClickAsync("#pairs li:last-child .remove");
        await view.ClickAsync("#add");
        await view.FillAsync("#pairs li:last-child textarea.prompt", "What do ducks say?");
        await view.FillAsync("#pairs li:last-child textarea.chosen", "Quack.");
        await view.FillAsync("#pairs li:last-child textarea.rejected", "Moo.");
        await view.ClickAsync("#pairs li:last-child .keep");
        await view.Locator("#pairs li:last-child .rejected .text:text-is('Moo.')").WaitForAsync();
        Assert.Equal("8 pairs", await view.InnerTextAsync("#pair-count"));

        await page.Train(1);
        // What is edited after training began has its reference from the model as it began.
        await view.ClickAsync("#pairs li:first-child .edit");
        await view.FillAsync("#pairs li:first-child textarea.rejected", "Woof.");
        await view.ClickAsync("#pairs li:first-child .keep");
        await view.Locator("#pairs li:first-child .rejected .text:text-is('Woof.')").WaitForAsync();
        await page.Train(1);
        Assert.Equal(8, await view.Locator("#pairs .pair-margin:text-matches('margin')").CountAsync());
        Assert.Null(await page.Fault());
        Assert.Empty(page.Complaints);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Speed", "long")]
    public async Task No_rule_of_accessibility_is_broken(bool isDark)
    {
        await using var page = await OpenedPage.Open(await chromium.Start(), written.Folder, isDark: isDark);
        await page.Page.ClickAsync("#pairs li:first-child .edit");
        var result = await page.Page.RunAxe();
        Assert.True(result.Violations.Length == 0, string.Join('\n', result.Violations.Select(
            found => $"{found.Id}: {found.Help} {string.Join(' ', found.Nodes.Select(node => node.Html))}")));
    }

    [Theory]
    [InlineData("model/checkpoint", null, "model/checkpoint does not load (404 Not Found). It belongs beside this page: copy the whole")]
    [InlineData("runtime/tokenizers.min.js", null, "The model's worker has ended: its code does not load. Load the page again.")]
    [InlineData("model/checkpoint", "no checkpoint", "The checkpoint is damaged: it does not begin as one of ONNX Runtime's training does")]
    [InlineData(
        "page.json", "\"text\": \" leading space\",\n      \"ids\": [", "The JavaScript tokenizer has other ids for \" leading space\"")]
    [Trait("Speed", "long")]
    public async Task What_is_wrong_is_said_on_the_page(string file, string? contents, string said)
    {
        using var folder = new TemporaryFolder();
        foreach (var path in Directory.GetFiles(written.Folder, "*", SearchOption.AllDirectories))
        {
            var copy = folder.File(Path.GetRelativePath(written.Folder, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.CreateSymbolicLink(copy, path);
        }

        var whole = File.ReadAllText(Path.Combine(written.Folder, file));
        File.Delete(folder.File(file));
        if (contents is not null)
        {
            // A token more in front of what is there.
            var isPart = whole.Contains(contents, StringComparison.Ordinal);
            folder.Write(file, isPart ? whole.Replace(contents, contents + "7,", StringComparison.Ordinal) : contents);
        }

        await using var page = await OpenedPage.Open(await chromium.Start(), folder.Path);
        Assert.StartsWith(said, await page.Fault(), StringComparison.Ordinal);
        Assert.False(await page.Page.IsVisibleAsync("#main"));
    }
}
