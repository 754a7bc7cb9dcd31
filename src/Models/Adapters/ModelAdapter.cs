using System.Text.Json.Nodes;
using OrtDpo.Adapters;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Adapters;

/// <summary>An adapter that lies on a model.</summary>
/// <param name="Config">Its configuration.</param>
/// <param name="Targets">What that means for the model.</param>
/// <param name="Digest">The identity of its numbers; null where they change nothing yet, because every B is zero.</param>
/// <param name="Path">Its folder; null where it is new.</param>
public sealed record ModelAdapter(LoraConfig Config, LoraTargets Targets, string? Digest, string? Path)
{
    // What decides an adapter's numbers, by PEFT's names.
    static readonly string[] Deciding =
    [
        "r", "lora_alpha", "use_rslora", "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "rank_pattern",
        "alpha_pattern", "modules_to_save",
    ];

    /// <summary>What decides its numbers, as JSON in one line; what is absent is PEFT's default.</summary>
    public string Text
    {
        get
        {
            var all = JsonNode.Parse(Config.ToJson())!.AsObject();
            var fields = Deciding.Select(name => KeyValuePair.Create(name, all[name]?.DeepClone()))
                .Where(said => said.Value?.ToJsonString() is not (null or "false" or "{}"));
            return new JsonObject(fields).ToJsonString();
        }
    }

    /// <summary>The configuration as it stands beside what was trained on a model: the base is where it lies.</summary>
    public LoraConfig ConfigFor(ModelFolder folder) => Config with
    {
        BaseModelNameOrPath = System.IO.Path.GetFullPath(folder.Path),
        Revision = null,
        FanInFanOut = Targets.Targets.Any(t => t.Module.IsFanInFanOut),
    };

    /// <summary>Puts a new adapter on a model, to be trained.</summary>
    /// <param name="folder">A model that is mapped to be read.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="seed">Of the numbers that it begins with.</param>
    /// <exception cref="InvalidDataException">The configuration does not fit the model.</exception>
    /// <exception cref="NotSupportedException">It asks for what is not built.</exception>
    public static void Begin(ModelFolder folder, LoraConfig config, ulong seed)
    {
        var targets = ModelModules.Resolve(config, folder.Model, folder.Path);
        NewAdapter.Attach(folder, Terms(targets), RequireTrainable(Saved(targets, folder), folder), seed);
        folder.Adapter = new ModelAdapter(config, targets, Digest: null, Path: null);
    }

    /// <summary>Puts an adapter that lies in a folder, as PEFT saves it, on a model.</summary>
    /// <param name="folder">A model that is mapped to be read.</param>
    /// <param name="path">The adapter's folder.</param>
    /// <param name="trains">Whether it is to be trained on.</param>
    /// <exception cref="FileNotFoundException">The folder lacks a file of an adapter.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of another model.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that is not built.</exception>
    public static void Attach(ModelFolder folder, string path, bool trains)
    {
        var config = LoraConfig.Read(path);
        if (trains && config.Dropout != 0)
        {
            throw new NotSupportedException($"{System.IO.Path.Combine(path, LoraConfig.FileName)}: lora_dropout is {config.Dropout}, and "
                + "training with dropout is not built. Set it to 0 there to train on without, or use the adapter as it is.");
        }

        var targets = ModelModules.Resolve(config, folder.Model, folder.Path);
        var file = AdapterFile.Open(path, WeightMapping.ReadOnly);
        try
        {
            file.Check(config, targets, folder.Model.Parameters.ToDictionary(p => p.Name, p => p.Shape));
            AdapterBase.Check(path, folder);
            var digest = file.IsZero ? null : AdapterDigest.Compute(targets, file);
            folder.Attach(
                new AdaptedModel(folder.Model, Terms(targets), RequireTrainable(Saved(targets, folder), folder)),
                file.Tensors.Select(t => (t.Key, file.Path, file.Address(t.Key), t.Value)), file, trains);
            folder.Adapter = new ModelAdapter(config, targets, digest, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    static Dictionary<string, LowRankTerm> Terms(LoraTargets targets) => targets.Targets.ToDictionary(
        t => ModelModules.WeightOf(t.Module.Name), t => new LowRankTerm(t.Rank, t.Scale), StringComparer.Ordinal);

    static HashSet<string> RequireTrainable(HashSet<string> saved, ModelFolder folder) =>
        saved.FirstOrDefault(name => folder.Quantized?.Find(name) is not null) is { } quantized
            ? throw new NotSupportedException($"`ModulesToSave` saves '{quantized}', whose numbers {folder.Path} holds in 4 bits, and such "
                + "weights do not train. Leave it out, or adapt it (`TargetModules`).")
            : saved;

    static HashSet<string> Saved(LoraTargets targets, ModelFolder folder) =>
        [.. folder.Parameters.Where(name => targets.SavedModules.Any(module => name.StartsWith($"{module}.", StringComparison.Ordinal)
            && name.LastIndexOf('.') == module.Length))];
}
