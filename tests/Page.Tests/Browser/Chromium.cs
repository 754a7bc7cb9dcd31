using Microsoft.Playwright;

namespace OrtDpo.Page.Tests.Browser;

/// <summary>The Chromium that is installed on the machine, without a window; tests that need one are skipped where there is none.</summary>
public sealed class Chromium : IAsyncDisposable
{
    static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

    IPlaywright? playwright;
    IBrowser? browser;

    /// <summary>The browser, started by the first test that asks.</summary>
    public async Task<IBrowser> Start()
    {
        if (browser is not null)
        {
            return browser;
        }

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var found = Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"No browser is installed: none of {string.Join(", ", Names)} is in PATH.");
        playwright = await Playwright.CreateAsync();
        // Without its sandbox, which root and containers do not get; it opens nothing but the page that the test wrote.
        return browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = found,
            ChromiumSandbox = false,
            // The runtime is compiled in one pass: what is computed here is little, and compiling well costs more than that.
            Args = ["--js-flags=--liftoff-only"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
    }
}
