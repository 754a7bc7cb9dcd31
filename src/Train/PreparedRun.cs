using OrtDpo.Batches;
using OrtDpo.ChatTemplates;
using OrtDpo.Runs;
using OrtDpo.Tokenizers;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>What a run needs beside the request once its rows are there.</summary>
/// <param name="Kind">The verb: <c>train</c> or <c>sft</c>.</param>
/// <param name="Plan">The rows and steps.</param>
/// <param name="Policy">What is trained.</param>
/// <param name="Config">The resolved configuration as far as it is about the rows.</param>
/// <param name="Inputs">Digests of what goes in, by name.</param>
/// <param name="StartsAsReference">Whether the policy starts as the cache's reference, which the step-0 gate then checks.</param>
/// <param name="Begin">Called with the run's folder once it is there: writes data into it, and tells of them; null: it only tells.</param>
sealed record PreparedRun(
    string Kind, TrainingPlan Plan, Policy Policy, RunConfig Config, SortedDictionary<string, string> Inputs,
    bool StartsAsReference, Action<RunFolder?> Begin)
{
    /// <summary>The chat template that was given in place of the model's, which checkpoints keep; null: the model's.</summary>
    public ChatTemplate? Template { get; init; }

    /// <summary>What chat templates take for today; null: one that asks is refused.</summary>
    public DateOnly? TemplateDate { get; init; }

    /// <summary>The type that products are computed in.</summary>
    public required ComputeDtype Dtype { get; init; }

    /// <summary>The configuration with which every run's begins.</summary>
    public static RunConfig NewConfig(string kind, string model) =>
        new RunConfig().Add("kind", kind).Add("model", Path.GetFullPath(model)).Informative();

    /// <summary>Names the tokens that end completions, where they are more than the tokenizer's own, whose digest has that.</summary>
    public static void AddEnds(EndTokens ends, RunConfig config, SortedDictionary<string, string> inputs)
    {
        if (ends.Digest is { } digest)
        {
            config.Add("end_ids_digest", digest);
            inputs.Add("end_ids", digest);
        }
    }

    /// <summary>Names the chat template that was given in place of the model's, where one was.</summary>
    public static void AddTemplate(ChatTemplate? given, RunConfig config, SortedDictionary<string, string> inputs)
    {
        if (given is not null)
        {
            config.Add("chat_template", Path.GetFullPath(given.Name)).Informative().Add("chat_template_digest", given.Digest);
            inputs["chat_template"] = given.Digest;
        }
    }
}
