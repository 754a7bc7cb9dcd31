using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Train.Planning;

/// <summary>What the stages would take of a machine.</summary>
/// <param name="Rows">Rows to train on.</param>
/// <param name="LongestRow">Positions of the longest.</param>
/// <param name="MaxLength">The bound on prompt + one completion, in tokens.</param>
/// <param name="Scoring">The memory of stage 1, and what is offloaded for it; null where the rows need no reference.</param>
/// <param name="Device">What they would run on.</param>
/// <param name="Training">The memory of stage 2, and what is kept for it.</param>
/// <param name="LargestMicroPairs">The most of the longest rows that go through the model together; 0: not even one.</param>
/// <param name="LongestPair">
/// The longest pair, of prompt and two completions of a third each, that trains by itself with everything recomputed: positions; 0: none.
/// </param>
/// <param name="Time">What was measured; null where nothing was run.</param>
public sealed record RunPlan(
    int Rows, int LongestRow, int MaxLength, ForwardMemory? Scoring, ChosenDevice Device, EngineMemory Training,
    int LargestMicroPairs, int LongestPair, PlanTime? Time);

/// <summary>The time of one micro-batch of the rows, and what follows from it.</summary>
/// <param name="Tokens">Tokens of the micro-batch that ran, without padding.</param>
/// <param name="Seconds">Its forward and backward.</param>
/// <param name="StepSeconds">A step of average rows, at the same tokens per second; the optimizer's update is not in it.</param>
/// <param name="EpochSeconds">One pass over the rows.</param>
public sealed record PlanTime(int Tokens, double Seconds, double StepSeconds, double EpochSeconds);
