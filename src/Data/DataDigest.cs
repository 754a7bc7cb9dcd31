using System.Text;
using OrtDpo.Runs;

namespace OrtDpo.Data;

/// <summary>The identity of all the data behind a cache, the same for each of its shards.</summary>
public static class DataDigest
{
    /// <summary>
    /// SHA-256 of the line <c>ortdpo-data-1</c>, the line <c>split</c> with fraction and seed, and for each file a line with <c>train</c>
    /// or <c>eval</c>, the file's SHA-256 and its name; each ended by a line feed.
    /// Columns that have other names give the line <c>columns</c> with them behind the second, a bound on the rows the line
    /// <c>max_rows</c> with it, a least score ratio the line
    /// <c>min_score_ratio</c> with it, switches of the chat template the line
    /// <c>chat_template_kwargs</c> with them, ranked completions the line <c>pairs</c> with the choice of pairs; a source's weight
    /// other than 1 the line <c>weight</c> behind its own, and the name of its set the line <c>set</c>.
    /// </summary>
    /// <param name="data">What was read, and how.</param>
    /// <param name="sources">Its files as they were found, those that are held out whole last.</param>
    /// <param name="pairs">Which pairs were made of ranked completions; null where there are none.</param>
    public static string Of(DataSettings data, IReadOnlyList<LedgerSource> sources, string? pairs = null)
    {
        var (rule, columns) = (data.Split, data.Files[0].Columns);
        var text = new StringBuilder(FormattableString.Invariant($"ortdpo-data-1\nsplit {rule.EvalFraction:R} {rule.Seed}\n"));
        text.Append(columns is null ? "" : $"columns {columns}\n");
        text.Append(data.MaxRows is { } most ? FormattableString.Invariant($"max_rows {most}\n") : "");
        text.Append(data.MinScoreRatio is { } ratio ? FormattableString.Invariant($"min_score_ratio {ratio:R}\n") : "");
        text.Append(data.ChatTemplateKwargs.Count > 0 ? $"chat_template_kwargs {TemplateVariables.Text(data.ChatTemplateKwargs)}\n" : "");
        text.Append(pairs is { } choice ? $"pairs {choice}\n" : "");
        for (var i = 0; i < sources.Count; i++)
        {
            text.Append(i < data.Files.Count ? "train " : "eval ")
                .Append(sources[i].Sha256).Append(' ').Append(sources[i].Name).Append('\n');
            text.Append(sources[i].Weight == 1 ? "" : FormattableString.Invariant($"weight {sources[i].Weight:R}\n"));
            text.Append(sources[i].Set is { } set ? $"set {set}\n" : "");
        }

        return FileDigest.OfText(text.ToString());
    }
}
