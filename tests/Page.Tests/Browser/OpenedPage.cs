using System.Text.Json;
using Microsoft.Playwright;

namespace OrtDpo.Page.Tests.Browser;

/// <summary>A page in a browser, served from its folder, with all that it asks for and complains of.</summary>
sealed class OpenedPage : IAsyncDisposable
{
    readonly StaticServer server;

    OpenedPage(StaticServer server, IPage page)
    {
        this.server = server;
        Page = page;
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>Requests to anywhere but the folder.</summary>
    public List<string> Foreign { get; } = [];

    /// <summary>Errors and warnings of the page's code, and files that are not there.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Opens a page, and waits until its model is there.</summary>
    /// <param name="browser">Where.</param>
    /// <param name="folder">The page's folder.</param>
    /// <param name="width">Of the window, in pixels.</param>
    /// <param name="isDark">Whether its reader likes it dark.</param>
    /// <param name="isolates">Whether the server lets WebAssembly have threads.</param>
    public static async Task<OpenedPage> Open(
        IBrowser browser, string folder, int width = 1280, bool isDark = false, bool isolates = false)
    {
        var server = new StaticServer(folder) { Isolates = isolates };
        var context = await browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
        });
        var opened = new OpenedPage(server, await context.NewPageAsync());
        context.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(server.Address.AbsoluteUri, StringComparison.Ordinal)
                && !request.Url.StartsWith("blob:" + server.Address.AbsoluteUri, StringComparison.Ordinal))
            {
                opened.Foreign.Add(request.Url);
            }
        };
        context.Response += (_, response) => opened.Add(response.Status >= 400, $"{response.Status} {response.Url}");
        context.Console += (_, message) => opened.Add(message.Type is "error" or "warning", message.Text);
        context.WebError += (_, error) => opened.Add(true, error.Error);
        await opened.Page.GotoAsync(server.Address.AbsoluteUri);
        await opened.Page.Locator("#main:not([hidden]), #fault:not([hidden])").First.WaitForAsync(new() { Timeout = 60_000 });
        return opened;
    }

    /// <summary>Trains.</summary>
    public async Task Train(int steps)
    {
        await Page.FillAsync("#steps", FormattableString.Invariant($"{steps}"));
        await Page.ClickAsync("#start");
        await Page.Locator("#start:not([disabled])").WaitForAsync(new() { Timeout = 300_000 });
    }

    /// <summary>Asks both models.</summary>
    /// <returns>The answers of the model as it began and as it is.</returns>
    public async Task<(string Before, string Now)> Ask(string question)
    {
        await Page.FillAsync("#question", question);
        await Page.ClickAsync("#asks");
        await Page.Locator("#asks:not([disabled])").WaitForAsync(new() { Timeout = 120_000 });
        return (await Page.InnerTextAsync("#answer-before"), await Page.InnerTextAsync("#answer-now"));
    }

    /// <summary>Downloads what a button gives.</summary>
    public async Task<string> Download(string button, string path)
    {
        var download = await Page.RunAndWaitForDownloadAsync(() => Page.ClickAsync(button));
        await download.SaveAsAsync(path);
        return path;
    }

    /// <summary>The steps so far, as the page gives them away.</summary>
    public async Task<IReadOnlyList<JsonElement>> Numbers(string path)
    {
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(await Download("#numbers", path)));
        return [.. json.RootElement.GetProperty("steps").EnumerateArray().Select(step => step.Clone())];
    }

    /// <summary>What the page says that went wrong; null: nothing.</summary>
    public async Task<string?> Fault() => await Page.IsVisibleAsync("#fault") ? await Page.InnerTextAsync("#fault") : null;

    public async ValueTask DisposeAsync()
    {
        await Page.Context.CloseAsync();
        server.Dispose();
    }

    void Add(bool isOne, string complaint)
    {
        if (isOne)
        {
            Complaints.Add(complaint);
        }
    }
}
