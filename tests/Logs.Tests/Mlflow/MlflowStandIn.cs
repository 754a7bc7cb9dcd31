using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Logs.Tests.Mlflow;

/// <summary>
/// An MLflow server as far as a run needs one, which holds each message against MLflow's schema, keeps what it was sent, and fails in
/// whatever way it is told to.
/// </summary>
sealed class MlflowStandIn : IDisposable
{
    readonly Lock access = new();
    readonly CancellationTokenSource stopped = new();
    readonly Dictionary<string, (string Id, string Stage)> experiments = [];
    readonly int port;
    HttpListener? listener;

    public MlflowStandIn()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        Start();
    }

    public Uri Address => new($"http://127.0.0.1:{port}/");

    /// <summary>What is wrong with what it was sent.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>The runs, by id.</summary>
    public Dictionary<string, KeptRun> Runs { get; } = [];

    /// <summary>All calls that it got, those that it failed among them, such as <c>POST runs/create</c>.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>The header of the last call.</summary>
    public string? Authorization { get; private set; }

    /// <summary>How it fails a call, of which it is given how many came before and what it is.</summary>
    public Func<int, string, Failing> Fails { get; set; } = (_, _) => Failing.None;

    /// <summary>What is kept of a run.</summary>
    public sealed class KeptRun
    {
        public required string Name { get; init; }

        public required string Experiment { get; init; }

        public string Status { get; set; } = "RUNNING";

        public string Stage { get; set; } = "active";

        public List<string> Statuses { get; } = [];

        public Dictionary<string, string> Params { get; } = [];

        public Dictionary<string, string> Tags { get; } = [];

        public List<(string Key, double Value, long Step)> Metrics { get; } = [];

        public HashSet<(string Key, double Value, long Step)> Kept { get; } = [];

        public IEnumerable<(long Step, double Value)> Of(string key) =>
            Metrics.Where(metric => metric.Key == key).Select(metric => (metric.Step, metric.Value));
    }

    /// <summary>Makes an experiment.</summary>
    public bool AddExperiment(string name, string stage = "active") => experiments.TryAdd(name, ($"{experiments.Count + 1}", stage));

    /// <summary>It is there, at the same address as before, with all that it had.</summary>
    public void Start()
    {
        while (listener is null)
        {
            var begun = new HttpListener();
            begun.Prefixes.Add(Address.AbsoluteUri);
            try
            {
                begun.Start();
                listener = begun;
            }
            catch (ArgumentNullException)
            {
                // A client that connects while .NET's listener is being made meets a lock that is not there yet. The port is free again
                // when the socket, which nobody has, is closed.
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }

        _ = Serve(listener);
    }

    /// <summary>It is gone: connections are refused.</summary>
    public void Stop()
    {
        listener?.Abort();
        listener = null;
    }

    public void Dispose()
    {
        stopped.Cancel();
        Stop();
        stopped.Dispose();
    }

    async Task Serve(HttpListener from)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await from.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Answer(context);
        }
    }

    async Task Answer(HttpListenerContext context)
    {
        const string Prefix = "/api/2.0/mlflow/";
        try
        {
            var path = context.Request.Url!.AbsolutePath;
            var call = $"{context.Request.HttpMethod} {(path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : path)}";
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            Failing failing;
            lock (access)
            {
                failing = Fails(Calls.Count, call);
                Calls.Add(call);
                Authorization = context.Request.Headers["Authorization"];
            }

            switch (failing)
            {
                case Failing.Drops:
                    context.Response.Abort();
                    return;
                case Failing.Stalls:
                    await Task.Delay(Timeout.Infinite, stopped.Token);
                    return;
                case Failing.InternalError:
                    await Write(context, 500, "application/json", """{"error_code":"INTERNAL_ERROR","message":"the store\nis away"}""");
                    return;
                case Failing.TooManyRequests:
                    context.Response.Headers["Retry-After"] = "1";
                    await Write(context, 429, "application/json", """{"error_code":"REQUEST_LIMIT_EXCEEDED","message":"slow down"}""");
                    return;
                case Failing.Html:
                    await Write(context, 200, "text/html", "<html>please log in</html>");
                    return;
                case Failing.NotJson:
                    await Write(context, 200, "application/json", "[1, 2");
                    return;
                case Failing.Forbidden:
                    await Write(context, 403, "application/json", """{"error_code":"PERMISSION_DENIED","message":"not you"}""");
                    return;
                case Failing.AnswersHalf:
                    Do(call, context.Request, body.ToArray());
                    context.Response.ContentLength64 = 1000;
                    await context.Response.OutputStream.WriteAsync("{\"run\":"u8.ToArray());
                    context.Response.Abort();
                    return;
                default:
                    var (status, answer) = Do(call, context.Request, body.ToArray());
                    await Write(context, status, "application/json", answer.ToJsonString());
                    return;
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or OperationCanceledException or IOException)
        {
            // The client, or the test, has gone.
        }
    }

    static async Task Write(HttpListenerContext context, int status, string type, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        var bytes = Encoding.UTF8.GetBytes(text);
        context.Response.ContentLength64 = bytes.Length;
        await context.Response.OutputStream.WriteAsync(bytes);
        context.Response.Close();
    }

    (int Status, JsonObject Answer) Do(string call, HttpListenerRequest request, byte[] body)
    {
        lock (access)
        {
            if (call.StartsWith("POST ", StringComparison.Ordinal) && MlflowSchema.Fault(call, request.ContentType, body) is { } fault)
            {
                return Refuse($"{call}: {fault}");
            }

            using var message = call.StartsWith("POST ", StringComparison.Ordinal) ? JsonDocument.Parse(body) : null;
            return call switch
            {
                "GET experiments/get-by-name" => Find(request.QueryString["experiment_name"]),
                "POST experiments/create" => MakeExperiment(message!.RootElement.GetProperty("name").GetString()!),
                "POST runs/create" => MakeRun(message!.RootElement),
                "GET runs/get" => Find(request.QueryString["run_id"], run => new JsonObject { ["run"] = Described(run) }),
                "POST runs/update" => Find(RunId(message!), run =>
                {
                    run.Status = message!.RootElement.TryGetProperty("status", out var status) ? status.GetString()! : run.Status;
                    run.Statuses.Add(run.Status);
                    return new JsonObject { ["run_info"] = new JsonObject { ["status"] = run.Status } };
                }),
                "POST runs/log-batch" => Find(RunId(message!), run => Log(run, message!.RootElement)),
                _ => Refuse($"There is no call '{call}'."),
            };
        }
    }

    static string RunId(JsonDocument message) => message.RootElement.GetProperty("run_id").GetString()!;

    (int Status, JsonObject Answer) Find(string? name)
    {
        if (name is null)
        {
            return Refuse("experiment_name is missing.");
        }

        return experiments.TryGetValue(name, out var found)
            ? (200, new JsonObject
            {
                ["experiment"] = new JsonObject { ["experiment_id"] = found.Id, ["name"] = name, ["lifecycle_stage"] = found.Stage },
            })
            : Unknown($"No experiment '{name}'");
    }

    (int Status, JsonObject Answer) MakeExperiment(string name) => AddExperiment(name)
        ? (200, new JsonObject { ["experiment_id"] = experiments[name].Id })
        : (400, new JsonObject { ["error_code"] = "RESOURCE_ALREADY_EXISTS", ["message"] = $"Experiment '{name}' already exists." });

    (int Status, JsonObject Answer) MakeRun(JsonElement message)
    {
        var experiment = experiments.SingleOrDefault(made => made.Value.Id == message.GetProperty("experiment_id").GetString()).Key;
        if (experiment is null)
        {
            return Unknown("No such experiment");
        }

        var id = $"{Runs.Count + 1:x32}";
        var run = new KeptRun { Name = message.GetProperty("run_name").GetString()!, Experiment = experiment };
        Keep(run.Tags, message, "tags");
        Runs.Add(id, run);
        return (200, new JsonObject { ["run"] = new JsonObject { ["info"] = new JsonObject { ["run_id"] = id, ["run_uuid"] = id } } });
    }

    (int Status, JsonObject Answer) Find(string? id, Func<KeptRun, JsonObject> then)
    {
        if (id is null || !Runs.TryGetValue(id, out var run))
        {
            return Unknown($"Run with id={id} not found");
        }

        try
        {
            return (200, then(run));
        }
        catch (InvalidDataException e)
        {
            return Refuse(e.Message);
        }
    }

    static JsonObject Log(KeptRun run, JsonElement message)
    {
        Keep(run.Tags, message, "tags");
        var given = new Dictionary<string, string>();
        Keep(given, message, "params");
        foreach (var (key, value) in given)
        {
            if (run.Params.TryGetValue(key, out var before) && before != value)
            {
                throw new InvalidDataException($"Changing param values is not allowed: '{key}' is '{before}'.");
            }

            run.Params[key] = value;
        }

        if (message.TryGetProperty("metrics", out var metrics))
        {
            foreach (var metric in metrics.EnumerateArray())
            {
                var value = metric.GetProperty("value");
                var number = value.ValueKind == JsonValueKind.Number ? value.GetDouble() : Word(value);
                var found = (metric.GetProperty("key").GetString()!, number, metric.GetProperty("step").GetInt64());

                // The store's primary key: a batch that is sent again adds nothing.
                if (run.Kept.Add(found))
                {
                    run.Metrics.Add(found);
                }
            }
        }

        return [];
    }

    static double Word(JsonElement value) => value.GetString() switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        _ => double.NegativeInfinity,
    };

    static void Keep(Dictionary<string, string> into, JsonElement message, string list)
    {
        if (message.TryGetProperty(list, out var items))
        {
            foreach (var item in items.EnumerateArray())
            {
                into[item.GetProperty("key").GetString()!] = item.GetProperty("value").GetString()!;
            }
        }
    }

    // The last value of each metric, as runs/get has them.
    static JsonObject Described(KeptRun run) => new()
    {
        ["info"] = new JsonObject { ["status"] = run.Status, ["lifecycle_stage"] = run.Stage },
        ["data"] = new JsonObject
        {
            ["metrics"] = new JsonArray([.. run.Metrics.GroupBy(metric => metric.Key).Select(group => group.MaxBy(metric => metric.Step))
                .Select(metric => new JsonObject { ["key"] = metric.Key, ["step"] = metric.Step })]),
        },
    };

    (int Status, JsonObject Answer) Refuse(string fault)
    {
        Faults.Add(fault);
        return (400, new JsonObject { ["error_code"] = "INVALID_PARAMETER_VALUE", ["message"] = fault });
    }

    static (int Status, JsonObject Answer) Unknown(string what) =>
        (404, new JsonObject { ["error_code"] = "RESOURCE_DOES_NOT_EXIST", ["message"] = what });
}
