using Microsoft.Playwright;

namespace OrtDpo.Page.Tests.Browser;

/// <summary>The Chromium that is installed on the machine, without a window; tests that need one are skipped where there is none.</summary>
static class Chromium
{
    static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

    /// <summary>Starts it.</summary>
    public static async Task<IBrowser> Start(IPlaywright playwright)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var found = Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"No browser is installed: none of {string.Join(", ", Names)} is in PATH.");
        // Without its sandbox, which root and containers do not get; it opens nothing but the page that the test wrote.
        return await playwright.Chromium.LaunchAsync(new() { ExecutablePath = found, ChromiumSandbox = false });
    }
}
