using System.Globalization;
using OrtDpo.Export.Precision;
using OrtDpo.Runs;

namespace OrtDpo.Export.Cards;

/// <summary>The card of what is made of runs, from their files.</summary>
public static class RunCard
{
    /// <summary>The card of what is made of one run.</summary>
    public static ModelCard Of(TrainedRun run, CardSubject subject) => Of([run], subject);

    /// <summary>The card of what is made of runs over one base.</summary>
    /// <param name="runs">The runs, at least one.</param>
    /// <param name="subject">What was made.</param>
    /// <exception cref="InvalidDataException">A file of a run is damaged.</exception>
    public static ModelCard Of(IReadOnlyList<TrainedRun> runs, CardSubject subject)
    {
        var model = runs[0].Text("model")!;
        var facts = runs.Select(RunFacts.Of).ToList();
        return new ModelCard
        {
            Name = subject.Name,
            Summary = $"This is {subject.What}, made of {Markdown.Text(NameOf(model))} by "
                + $"{string.Join(" and ", facts.Select(fact => fact.Way).Distinct())} with "
                + $"OrtDpo {PackageVersion.Of(typeof(RunCard).Assembly)}.",
            Fields = Fields(model, facts, subject),
            Parts = Parts(facts, subject, model),
        };
    }

    static OrderedDictionary<string, object> Fields(string model, List<RunFacts> facts, CardSubject subject)
    {
        var fields = new OrderedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var (field, value) in BaseCard.In(model).Fields)
        {
            fields.Add(field, value);
        }

        // Hubs take a model's name here, and refuse a path.
        if (HubOrigin.Of(model, "model") is { } name)
        {
            fields.Add("base_model", name);
            fields.Add("base_model_relation", subject.Relation);
        }

        if (facts.SelectMany(fact => fact.HubData).Distinct().ToList() is { Count: > 0 } data)
        {
            fields.Add("datasets", data);
        }

        if (subject.Library is { } library)
        {
            fields.Add("library_name", library);
        }

        fields.Add("pipeline_tag", "text-generation");
        fields.Add("tags", subject.Tags.Append("ortdpo").Concat(facts.SelectMany(fact => fact.Tags)).Distinct().ToList());
        var results = facts.Select(fact => fact.Result).OfType<OrderedDictionary<string, object>>().ToList();
        if (results.Count > 0)
        {
            if (facts.Any(fact => fact.IsAccuracyKnown))
            {
                fields.Add("metrics", new List<string> { "accuracy" });
            }

            fields.Add("model-index", new List<object>
            {
                new OrderedDictionary<string, object> { ["name"] = subject.Name, ["results"] = results },
            });
        }

        return fields;
    }

    static List<(string Title, string Body)> Parts(List<RunFacts> facts, CardSubject subject, string model)
    {
        var parts = new List<(string, string)>();
        foreach (var fact in facts)
        {
            var of = facts.Count == 1 ? "" : $" of {Markdown.Text(fact.Name)}";
            parts.Add(($"Training{of}", Markdown.Table("", "", fact.Training.Prepend(("base", Markdown.Text(NameOf(model)))))));
            if (fact.Evaluation is { } evaluation)
            {
                parts.Add(($"Evaluation{of}", evaluation));
            }
        }

        parts.Add(("Weights", Weights(subject)));
        parts.Add(("Use", subject.Use));
        foreach (var fact in facts)
        {
            parts.Add((
                facts.Count == 1 ? "Digests" : $"Digests of {Markdown.Text(fact.Name)}",
                Markdown.Table("of", "SHA-256", fact.Digests.Select(digest => (Markdown.Text(digest.Key), Markdown.Text(digest.Value))))));
        }

        return parts;
    }

    static string Weights(CardSubject subject)
    {
        var computed = subject.Parity?.Compute is not { } compute ? ""
            : $" It computes in {compute.Dtype}{(compute.Status == ComputedRun.Run ? "" : ", which was not run (parity.json says why)")}.";
        var stored = $"Stored in {Markdown.Text(subject.Dtype)}.{computed}";
        if (subject.Parity is not { } parity)
        {
            return stored;
        }

        var rounding = parity.Rounding is not { } moved ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $" Storing them so moved log-probabilities by {moved.MeanDifference:0.0e0} nats per token on average and at most "
            + $"{moved.MaxDifference:0.0e0}.");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{stored}{rounding} Against the trained model with these weights, log-probabilities of {parity.Tokens} tokens differ by "
            + $"{parity.MeanDifference:0.0e0} nats on average and at most {parity.MaxDifference:0.0e0} (parity.json).");
    }

    // A checkpoint's own name is a step's, which says nothing without its run's; where a folder lies is nobody's business.
    static string NameOf(string path)
    {
        if (HubOrigin.Of(path, "model") is { } name)
        {
            return name;
        }

        var parts = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)).Replace('\\', '/').Split('/');
        return string.Join('/', parts.TakeLast(parts.Length > 2 && parts[^2] == "checkpoints" ? 3 : 1));
    }
}
