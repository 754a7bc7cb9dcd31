using System.Globalization;
using OrtDpo.Batches;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Data;
using OrtDpo.Precompute;
using OrtDpo.Runtime.Devices;
using OrtDpo.Tokenizers;

namespace OrtDpo.Cli.Precompute;

/// <summary>What stage 1 tells people: its decisions and their reasons first, then the rows, then where everything lies.</summary>
sealed class PrecomputeReport(PrecomputeRequest settings, ProgramOutput output) : IDisposable
{
    ModelTokenizer? tokenizer;
    ProgressTrack? scoring;

    internal void Tell(PrecomputeEvent told)
    {
        switch (told)
        {
            case PrecomputeEvent.Decided decided:
                tokenizer = decided.Reference.Tokenizer;
                Decisions(decided.Reference, decided.Encoder, OptionNames.In(decided.MaxLengthReason), decided.Device);
                MemoryLines.Tell(decided.Memory, settings.Offload, output);
                break;
            case PrecomputeEvent.Prepared prepared:
                Rows(prepared.Rows, tokenizer!);
                break;
            case PrecomputeEvent.Planned planned:
                Plan(planned);
                break;
            case PrecomputeEvent.ScoringStarted started:
                scoring = output.Track("scoring", started.Rows, started.ArePairs ? "pairs" : "rows");
                break;
            case PrecomputeEvent.Scored scored:
                scoring!.Done(scored.Rows);
                break;
            case PrecomputeEvent.ScoringEnded:
                scoring!.End();
                break;
        }
    }

    internal void Done(PrecomputeResult result)
    {
        Line($"cache: {result.Folder}, complete: {result.Plan.Rows} rows written and read back");
        Line($"ledger: {result.Ledger}");
        if (result.KeptBase is { } kept)
        {
            Line($"base: kept in {kept}, which --base takes");
        }

        var held = settings.Base.IsAsStored ? "" : $" --base {result.KeptBase ?? settings.Base.Name}";
        // A policy that starts as the reference has its adapter; over a base that does not train it needs one.
        var trained = settings.Adapter is { } adapter ? $" --adapter {adapter}" : held.Length > 0 ? " --lora-rank 16" : "";
        Line($"next: ortdpo train --model {settings.Model} --ref {result.Folder}{held}{trained} --out RUN");
    }

    /// <summary>Says what would be scored.</summary>
    internal void Rehearsed((int Missing, int Parts) found) => Line(
        $"dry run: nothing was written; precompute would score {found.Missing} of {found.Parts} parts into {settings.Out}");

    public void Dispose() => scoring?.Dispose();

    void Decisions(Reference reference, ExampleEncoder encoder, string maxLengthReason, ChosenDevice device)
    {
        var (model, tokenizer) = (reference.Model, reference.Tokenizer);
        var family = model.Sizes.Layers > 0 ? FormattableString.Invariant($"{model.Family} of {model.Sizes.Layers} layers") : model.Family;
        Line($"reference: {settings.Model}, {family}, {reference.Parameters} parameters, digest {reference.Digest[..12]}…");
        foreach (var note in reference.Notes)
        {
            Line($"model: {note}");
        }

        var bos = Name(tokenizer, tokenizer.BosId);
        var eos = tokenizer.EosId is null ? "none" : string.Join(", ", tokenizer.EosIds.Select(id => Name(tokenizer, id)));
        Line($"tokenizer: {tokenizer.VocabularySize} tokens, BOS {bos}, EOS {eos}, digest {tokenizer.Digest[..12]}…");
        if (tokenizer.EosId is null)
        {
            Line($"warning: the tokenizer names no end-of-sequence token; a model trained on these rows does not learn to stop");
        }

        if (encoder.Conversations?.Description is { } template)
        {
            output.WriteLine(template);
        }

        Line($"max length: {encoder.MaxLength} tokens ({maxLengthReason}); longer completions are cut at their end");
        if (encoder.MaxPromptLength is { } bound)
        {
            Line($"max prompt length: {bound} tokens (--max-prompt-length); longer prompts are cut at their beginning");
        }

        Line($"held out: {HeldOut(settings.Data)}");
        DeviceLines.Tell(device, output);
        var shard = settings.Shard == Shard.Whole ? "" : $", shard {settings.Shard}";
        Line($"scoring: {reference.Dtype.ConfigName()} on {device.Device.Name}, {settings.Threads} threads{shard}");
    }

    void Rows(PreparedData prepared, ModelTokenizer tokenizer)
    {
        output.WriteLine();
        var scored = prepared.Examples.Sum(row => (long)row.Tokens.ScoredTokens);
        var all = prepared.Examples.Sum(row => (long)row.Tokens.Length);
        foreach (var line in (IEnumerable<string>)[.. LedgerText.Lines(prepared.Ledger), ScoredTokens.Line(scored, all),
            .. LedgerText.Warnings(prepared.Ledger)])
        {
            output.WriteLine(line);
        }

        output.WriteLine();
        Line($"one row, decoded from its tokens ({prepared.FirstText.Id}):");
        var tokens = prepared.Examples[0].Tokens;
        foreach (var line in DecodedExample.Lines(tokens, ids => tokenizer.Decode(ids, skipSpecial: false), tokenizer.TokenText))
        {
            output.WriteLine(line);
        }

        output.WriteLine();
    }

    void Plan(PrecomputeEvent.Planned planned)
    {
        var plan = planned.Plan;
        Line($"plan: {plan.Pairs} distinct of {plan.Rows} rows, {plan.Batches} batches, {plan.Parts} parts");
        foreach (var older in planned.Older)
        {
            Line($"reused: {older.Pairs} pairs of {older.Folder} ({older.Manifest.Shard}, manifest {older.ManifestSha256[..12]}…)");
        }

        if (planned.Older.Count > 0)
        {
            Line($"to score: {plan.Pairs - plan.Reused} pairs that no older cache holds");
        }

        foreach (var part in planned.DamagedParts)
        {
            Line($"damaged or missing, made anew: {part}");
        }

        if (planned.PartsFound > 0)
        {
            Line($"found: {planned.PartsFound} of {plan.Parts} parts are whole and stay");
        }
    }

    static string HeldOut(DataSettings data) =>
        data.EvalFiles.Count > 0 ? $"all rows of {string.Join(", ", data.EvalFiles.Select(source => source.Name))}"
        : data.Split.EvalFraction > 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{data.Split.EvalFraction:0.###} of the prompts, by hash (seed {data.Split.Seed}), whatever the order of the rows")
        : "nothing; --eval-fraction or --eval-data would";

    static string Name(ModelTokenizer tokenizer, int? id) =>
        id is { } given ? string.Create(CultureInfo.InvariantCulture, $"{tokenizer.TokenText(given)} ({given})") : "none";

    void Line(FormattableString text) => output.WriteLine(FormattableString.Invariant(text));
}
