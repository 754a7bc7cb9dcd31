using OrtDpo.Core.Data;

namespace OrtDpo.Train;

/// <summary>The data of a run without a reference cache.</summary>
/// <param name="Files">Files of pairs, or of prompts and completions, as the objective takes them.</param>
/// <param name="Columns">The names that their columns have; null: those that the readers know.</param>
/// <param name="EvalFraction">Share of prompts that is held out.</param>
/// <param name="MaxLength">Bound on prompt + one completion, in tokens; null = 1024 or the model's positions.</param>
/// <param name="TemplateDate">What chat templates take for today; null: one that asks is refused.</param>
public sealed record DataSettings(string[] Files, ColumnNames? Columns, double EvalFraction, int? MaxLength, DateOnly? TemplateDate);
