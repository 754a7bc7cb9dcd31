using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Testing.Running;

namespace OrtDpo.Artifacts.Tests.Web;

/// <summary>
/// Artifacts in ONNX Runtime's own training runtime: onnxruntime-web 1.19.2 in Node. Node and the packages are not part of the repository;
/// tests without them are skipped with the reason.
/// </summary>
sealed class WebTraining : IDisposable
{
    readonly Process process;
    readonly Task<string> error;

    WebTraining(Process process)
    {
        this.process = process;
        error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Loads the files of a folder of artifacts.</summary>
    /// <param name="artifacts">The folder.</param>
    /// <param name="patience">How long the packages may take to install; past that the test is skipped.</param>
    /// <param name="isShort">
    /// Whether little is computed: the runtime is then compiled in one pass, in 1 s of a processor and not in 5, and is slower.
    /// </param>
    /// <exception cref="WebTrainingException">The runtime refuses them.</exception>
    public static WebTraining Open(string artifacts, TimeSpan patience, bool isShort)
    {
        var packages = NodePackages.Installed("training", "onnxruntime-web 1.19.2, ONNX Runtime's training runtime, is", patience);
        var script = Repository.Find("tests", "clients", "training", "train.mjs");
        string[] compiler = isShort ? ["--liftoff-only"] : [];
        var training = new WebTraining(ProgramRun.Start("node", [.. compiler, script, packages, artifacts], redirectsInput: true));
        try
        {
            training.Answer();
            return training;
        }
        catch
        {
            training.Dispose();
            throw;
        }
    }

    /// <summary>The names of what a user feeds and gets, of the model of a step and of that of an evaluation.</summary>
    public (string[] TrainInputs, string[] TrainOutputs, string[] EvalInputs, string[] EvalOutputs) Names()
    {
        var names = Ask(new JsonObject { ["do"] = "names" });
        return (Of("training", "inputs"), Of("training", "outputs"), Of("eval", "inputs"), Of("eval", "outputs"));

        string[] Of(string model, string side) => names[model]![side]!.Deserialize<string[]>()!;
    }

    /// <summary>
    /// A training step of feeds by name, of which those that the model does not take are left out: its gradients are added to the
    /// accumulated ones, or replace them after an update.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> Train(IReadOnlyDictionary<string, Tensor> feeds) => Step("train", feeds);

    /// <summary>An evaluation step.</summary>
    public IReadOnlyDictionary<string, Tensor> Evaluate(IReadOnlyDictionary<string, Tensor> feeds) => Step("eval", feeds);

    /// <summary>An update by the accumulated gradients, which the next training step replaces.</summary>
    public void Optimize(double rate) => Ask(new JsonObject { ["do"] = "optimize", ["rate"] = rate });

    /// <summary>The parameters, one behind the other in the models' order.</summary>
    /// <param name="trainable">Whether those that train alone.</param>
    public float[] Parameters(bool trainable) =>
        MemoryMarshal.Cast<byte, float>(Data(Ask(new JsonObject { ["do"] = "parameters", ["trainable"] = trainable }))).ToArray();

    /// <summary>Puts such parameters in.</summary>
    public void Load(ReadOnlySpan<float> parameters, bool trainable) => Ask(new JsonObject
    {
        ["do"] = "load", ["trainable"] = trainable, ["data"] = Convert.ToBase64String(MemoryMarshal.AsBytes(parameters)),
    });

    /// <summary>Writes the parameters as a checkpoint, as the page does.</summary>
    public void Save(string path) => Ask(new JsonObject
    {
        ["do"] = "checkpoint", ["code"] = Repository.Find("src", "Page", "Site", "code", "checkpoint.js"), ["to"] = path,
    });

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    Dictionary<string, Tensor> Step(string kind, IReadOnlyDictionary<string, Tensor> feeds)
    {
        var named = new JsonObject(feeds.Select(feed => KeyValuePair.Create(feed.Key, (JsonNode?)WebTensor.ToJson(feed.Value))));
        return Ask(new JsonObject { ["do"] = kind, ["feeds"] = named }).ToDictionary(
            output => output.Key, output => WebTensor.Of(output.Value!), StringComparer.Ordinal);
    }

    JsonObject Ask(JsonObject request)
    {
        process.StandardInput.WriteLine(request.ToJsonString());
        process.StandardInput.Flush();
        return Answer();
    }

    JsonObject Answer()
    {
        var line = process.StandardOutput.ReadLine()
            ?? throw new WebTrainingException($"Node ended: {error.GetAwaiter().GetResult()}");
        var answer = JsonNode.Parse(line)!.AsObject();
        return answer["error"] is { } fault ? throw new WebTrainingException(fault.GetValue<string>()) : answer;
    }

    static byte[] Data(JsonNode answer) => Convert.FromBase64String(answer["data"]!.GetValue<string>());
}

/// <summary>What the training runtime refused, in its own words.</summary>
sealed class WebTrainingException(string message) : Exception(message);
