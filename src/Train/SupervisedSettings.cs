namespace OrtDpo.Train;

/// <summary>What a supervised run is asked to do.</summary>
/// <param name="Training">What it shares with preference tuning.</param>
/// <param name="Data">Files of prompts and completions.</param>
/// <param name="EvalFraction">Share of prompts that is held out.</param>
/// <param name="MaxLength">Bound on prompt + completion, in tokens; null = 1024 or the model's positions.</param>
public sealed record SupervisedSettings(TrainSettings Training, string[] Data, double EvalFraction, int? MaxLength);
