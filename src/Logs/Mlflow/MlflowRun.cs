using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Logs.Mlflow;

/// <summary>A run as a server has it: the calls that make it, go on with it, add to it and close it.</summary>
sealed class MlflowRun
{
    const int ParamsInRequest = 100;

    readonly MlflowServer server;
    readonly TimeProvider time;
    readonly string id;
    readonly IReadOnlyDictionary<string, long> lastSteps;

    MlflowRun(MlflowServer server, TimeProvider time, string id, IReadOnlyDictionary<string, long> lastSteps)
    {
        this.server = server;
        this.time = time;
        this.id = id;
        this.lastSteps = lastSteps;
    }

    /// <summary>Makes the run on the server or, where a run is resumed that the server has, goes on with that.</summary>
    /// <param name="server">Where.</param>
    /// <param name="options">What it is called there.</param>
    /// <param name="run">What is said of it.</param>
    /// <param name="time">Gives its times.</param>
    /// <param name="startStep">Steps that are done.</param>
    /// <param name="say">Told what is otherwise than one would expect.</param>
    /// <param name="stop">Ends the tries.</param>
    public static async Task<MlflowRun> Begin(
        MlflowServer server, MlflowOptions options, LoggedRun run, TimeProvider time, int startStep, Action<string> say,
        CancellationToken stop)
    {
        var before = Before(run.Folder, options, say);
        var begun = before is null ? null
            : startStep > 0 ? await Continue(server, options, time, before.RunId, startStep, say, stop)
            : await Abandon(server, time, before.RunId, stop);
        begun ??= await Create(server, options, run, time, say, stop);

        // Those of a run that goes on are the same: its config.yaml stays as it began.
        foreach (var part in MlflowDescription.Params(run).Chunk(ParamsInRequest))
        {
            await begun.LogBatch("params", MlflowJson.Pairs(part), stop);
        }

        return begun;
    }

    /// <summary>Whether the server had it not when the run began or went on there: those of steps that are made again it has.</summary>
    public bool Lacks(MlflowMetric metric) => !lastSteps.TryGetValue(metric.Key, out var last) || metric.Step > last;

    /// <summary>Adds values, no more than a request holds, but for those that the server had.</summary>
    /// <exception cref="MlflowRefusal">The server refuses them.</exception>
    public async Task Log(List<MlflowMetric> metrics, CancellationToken stop)
    {
        var missing = metrics.FindAll(Lacks);
        if (missing.Count > 0)
        {
            await LogBatch("metrics", MlflowJson.Metrics(missing), stop);
        }
    }

    /// <summary>Sets a tag.</summary>
    /// <exception cref="MlflowRefusal">The server refuses it.</exception>
    public Task Tag(KeyValuePair<string, string> tag, CancellationToken stop) => LogBatch("tags", MlflowJson.Pairs([tag]), stop);

    /// <summary>Says that the run is over.</summary>
    /// <exception cref="MlflowRefusal">The server refuses it.</exception>
    public Task Close(RunEnding ending, CancellationToken stop) => Update(
        ending switch
        {
            RunEnding.Finished => "FINISHED",
            RunEnding.Stopped => "KILLED",
            _ => "FAILED",
        },
        stop);

    // The run that the server has of this one; null: it has none.
    static MlflowRunFile? Before(string folder, MlflowOptions options, Action<string> say)
    {
        try
        {
            return MlflowRunFile.Find(folder) is { } file && file.Server == options.Server.AbsoluteUri ? file : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            say($"mlflow: {e.Message.TrimEnd('.')}. The run becomes a new one at {options.Server}.");
            return null;
        }
    }

    // Null: the server has it no more.
    static async Task<MlflowRun?> Continue(
        MlflowServer server, MlflowOptions options, TimeProvider time, string id, int startStep, Action<string> say, CancellationToken stop)
    {
        JsonElement found;
        try
        {
            found = await server.Get("runs/get", "run_id", id, stop);
        }
        catch (MlflowRefusal refusal) when (refusal.IsUnknown)
        {
            say($"mlflow: {options.Server} no longer has run {id}, which this run was there; it becomes a new one.");
            return null;
        }

        if (MlflowJson.Text(found, "run", "info", "lifecycle_stage") == "deleted")
        {
            say($"mlflow: run {id}, which this run was at {options.Server}, is deleted; it becomes a new one.");
            return null;
        }

        var run = new MlflowRun(server, time, id, MlflowJson.LastSteps(found));
        await run.Update("RUNNING", stop);
        var resumed = startStep.ToString(CultureInfo.InvariantCulture);
        await run.LogBatch("tags", MlflowJson.Pairs([KeyValuePair.Create("ortdpo.resumed_after_step", resumed)]), stop);
        return run;
    }

    // A run that was killed before its first checkpoint begins again, maybe with other options: as another one.
    static async Task<MlflowRun?> Abandon(MlflowServer server, TimeProvider time, string id, CancellationToken stop)
    {
        try
        {
            await new MlflowRun(server, time, id, new Dictionary<string, long>()).Update("KILLED", stop);
        }
        catch (MlflowRefusal)
        {
            // It is gone, which is as good.
        }

        return null;
    }

    static async Task<MlflowRun> Create(
        MlflowServer server, MlflowOptions options, LoggedRun run, TimeProvider time, Action<string> say, CancellationToken stop)
    {
        var experiment = await Experiment(server, options.Experiment, stop);
        var name = options.RunName ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run.Folder)));
        var made = await server.Post(
            "runs/create",
            new JsonObject
            {
                ["experiment_id"] = experiment,
                ["run_name"] = name,
                ["start_time"] = time.GetUtcNow().ToUnixTimeMilliseconds(),
                ["tags"] = MlflowJson.Pairs(MlflowDescription.Tags(run, name, options.Tags)),
            },
            stop);
        var id = MlflowJson.Text(made, "run", "info", "run_id") ?? throw Unexpected("it answers runs/create without a run_id");
        try
        {
            new MlflowRunFile { Server = options.Server.AbsoluteUri, ExperimentId = experiment, RunId = id }.Write(run.Folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            say($"mlflow: {e.Message.TrimEnd('.')}. Once resumed, the run will be a new one at {options.Server}.");
        }

        return new MlflowRun(server, time, id, new Dictionary<string, long>());
    }

    static async Task<string> Experiment(MlflowServer server, string name, CancellationToken stop)
    {
        if (await Find() is { } found)
        {
            return found;
        }

        try
        {
            var made = await server.Post("experiments/create", new JsonObject { ["name"] = name }, stop);
            return MlflowJson.Text(made, "experiment_id") ?? throw Unexpected("it answers experiments/create without an experiment_id");
        }
        catch (MlflowRefusal refusal) when (refusal.IsThere)
        {
            // Another run has just made it.
            return await Find() ?? throw Unexpected($"it has an experiment '{name}' and does not find it");
        }

        async Task<string?> Find()
        {
            JsonElement answer;
            try
            {
                answer = await server.Get("experiments/get-by-name", "experiment_name", name, stop);
            }
            catch (MlflowRefusal refusal) when (refusal.IsUnknown)
            {
                return null;
            }

            return MlflowJson.Text(answer, "experiment", "lifecycle_stage") == "deleted"
                ? throw Unexpected($"its experiment '{name}' is deleted; restore it there, or give another with `Experiment`")
                : MlflowJson.Text(answer, "experiment", "experiment_id")
                    ?? throw Unexpected("it answers experiments/get-by-name without an experiment_id");
        }
    }

    async Task Update(string status, CancellationToken stop)
    {
        var message = new JsonObject { ["run_id"] = id, ["status"] = status };
        if (status != "RUNNING")
        {
            message["end_time"] = time.GetUtcNow().ToUnixTimeMilliseconds();
        }

        await server.Post("runs/update", message, stop);
    }

    async Task LogBatch(string what, JsonArray items, CancellationToken stop) =>
        await server.Post("runs/log-batch", new JsonObject { ["run_id"] = id, [what] = items }, stop);

    static MlflowRefusal Unexpected(string found) => new(HttpStatusCode.OK, errorCode: null, found);
}
