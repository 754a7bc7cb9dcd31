using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Logs.Mlflow;

/// <summary>Calls of MLflow's REST interface, each made until the server has taken or refused it.</summary>
sealed class MlflowServer : IDisposable
{
    const int MaxAnswerBytes = 16 << 20;
    const int MaxQuoted = 200;

    readonly HttpClient client;
    readonly MlflowPacing pacing;
    readonly Action<string, int> failed;

    /// <summary>The server of <paramref name="options"/>.</summary>
    /// <param name="options">Where it is, and what it asks for.</param>
    /// <param name="pacing">How long it may take.</param>
    /// <param name="failed">Told of every failure after which a call is made again, and of how many there were in a row.</param>
    public MlflowServer(MlflowOptions options, MlflowPacing pacing, Action<string, int> failed)
    {
        this.pacing = pacing;
        this.failed = failed;
        // A redirection leads to a page for people; followed, a POST would become a GET.
        client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = pacing.RequestTimeout })
        {
            BaseAddress = new Uri(options.Server.AbsoluteUri.TrimEnd('/') + "/api/2.0/mlflow/"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        client.DefaultRequestHeaders.Authorization = options.Credentials?.Header;
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    /// <summary>Reads, with the arguments of a query.</summary>
    /// <exception cref="MlflowRefusal">The server refuses it.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public Task<JsonElement> Get(string call, string argument, string value, CancellationToken stop) =>
        Send(HttpMethod.Get, $"{call}?{argument}={Uri.EscapeDataString(value)}", body: null, stop);

    /// <summary>Writes a message.</summary>
    /// <exception cref="MlflowRefusal">The server refuses it.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public Task<JsonElement> Post(string call, JsonObject message, CancellationToken stop) =>
        Send(HttpMethod.Post, call, MlflowJson.Bytes(message), stop);

    /// <summary>How long a server asks to be left alone: seconds, or until a date by its own clock, which it tells too.</summary>
    internal static TimeSpan? Asked(RetryConditionHeaderValue? after, DateTimeOffset? now) =>
        after is { Date: { } date } ? date - now : after?.Delta;

    public void Dispose() => client.Dispose();

    async Task<JsonElement> Send(HttpMethod method, string call, byte[]? body, CancellationToken stop)
    {
        for (var failures = 1; ; failures++)
        {
            var (answer, fault, asked) = await Try(method, call, body, stop);
            if (answer is { } message)
            {
                return message;
            }

            failed(fault!, failures);
            await Task.Delay(pacing.Pause(failures, asked), stop);
        }
    }

    /// <summary>One try: the answer, or why there is none and how long the server asks to be left alone.</summary>
    async Task<(JsonElement? Answer, string? Fault, TimeSpan? Asked)> Try(
        HttpMethod method, string call, byte[]? body, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(pacing.RequestTimeout);
        try
        {
            using var request = new HttpRequestMessage(method, call);
            if (body is not null)
            {
                request.Content = new ByteArrayContent(body);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }

            using var response = await client.SendAsync(request, limit.Token);
            var answer = Parse(await response.Content.ReadAsByteArrayAsync(limit.Token));
            if (response.IsSuccessStatusCode)
            {
                return answer is { ValueKind: JsonValueKind.Object }
                    ? (answer, null, null)
                    : (null, $"it answers with {response.Content.Headers.ContentType?.MediaType ?? "no type"} in the place of JSON", null);
            }

            var fault = Describe(response.StatusCode, answer);
            return MayPass(response.StatusCode)
                ? (null, fault, Asked(response.Headers.RetryAfter, response.Headers.Date))
                : throw new MlflowRefusal(
                    response.StatusCode, answer is { } error ? MlflowJson.Text(error, "error_code") : null, fault);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, string.Create(
                CultureInfo.InvariantCulture, $"it does not answer within {pacing.RequestTimeout.TotalSeconds:0.#} s"), null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (null, e.GetBaseException().Message.TrimEnd('.'), null);
        }
    }

    // What is not there today is not there tomorrow; what is too much or broken may pass.
    static bool MayPass(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status is 425 or >= 500;

    static string Describe(HttpStatusCode status, JsonElement? answer)
    {
        var said = answer is { } error ? MlflowJson.Text(error, "message") ?? MlflowJson.Text(error, "error_code") : null;
        var line = string.Join(' ', (said ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        return string.Create(CultureInfo.InvariantCulture, $"it answers {(int)status}")
            + (line.Length == 0 ? "" : $", '{(line.Length > MaxQuoted ? line[..MaxQuoted] + "…" : line)}'");
    }

    static JsonElement? Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
