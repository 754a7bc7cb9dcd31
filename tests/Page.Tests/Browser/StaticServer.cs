using System.Net;
using System.Net.Sockets;

namespace OrtDpo.Page.Tests.Browser;

/// <summary>The plainest web server: files of a folder, and no headers but their types.</summary>
sealed class StaticServer : IDisposable
{
    static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [".css"] = "text/css",
        [".html"] = "text/html",
        [".js"] = "text/javascript",
        [".json"] = "application/json",
        [".svg"] = "image/svg+xml",
        [".wasm"] = "application/wasm",
    };

    readonly HttpListener listener = new();
    readonly string folder;

    public StaticServer(string folder)
    {
        this.folder = folder;
        // The listener takes no port 0.
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = new Uri($"http://localhost:{((IPEndPoint)free.LocalEndpoint).Port}/");
        }

        listener.Prefixes.Add(Address.AbsoluteUri);
        listener.Start();
        _ = Serve();
    }

    /// <summary>Where the folder is served.</summary>
    public Uri Address { get; }

    /// <summary>Whether the page may share memory with its workers, which WebAssembly's threads need.</summary>
    public bool Isolates { get; set; }

    public void Dispose() => listener.Close();

    async Task Serve()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            await Answer(context);
        }
    }

    async Task Answer(HttpListenerContext context)
    {
        var name = context.Request.Url!.AbsolutePath.TrimStart('/');
        var path = Path.Combine(folder, name.Length == 0 ? "index.html" : name);
        using var response = context.Response;
        if (Isolates)
        {
            response.AddHeader("Cross-Origin-Opener-Policy", "same-origin");
            response.AddHeader("Cross-Origin-Embedder-Policy", "require-corp");
        }

        if (!File.Exists(path))
        {
            response.StatusCode = (int)HttpStatusCode.NotFound;
            return;
        }

        response.ContentType = Types.GetValueOrDefault(Path.GetExtension(path), "application/octet-stream");
        var bytes = await File.ReadAllBytesAsync(path);
        response.ContentLength64 = bytes.Length;
        try
        {
            await response.OutputStream.WriteAsync(bytes);
        }
        catch (HttpListenerException)
        {
            // The browser has closed the page.
        }
    }
}
