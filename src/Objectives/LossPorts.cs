namespace OrtDpo.Objectives;

/// <summary>
/// The names of an objective's inputs and outputs; its numbers, such as β, have the names of <see cref="Objective.Scalars"/>.
/// </summary>
public static class LossPorts
{
    /// <summary>Sums of the completions' log-probabilities, nats: <c>[R]</c>.</summary>
    public const string Logps = "logps";

    /// <summary>Tokens of the completions: <c>[R]</c>.</summary>
    public const string Lengths = "lengths";

    /// <summary>The reference's sums for single completions: <c>[R]</c>.</summary>
    public const string RefLogps = "ref_logps";

    /// <summary>The reference's sums for chosen completions: <c>[P]</c>.</summary>
    public const string RefChosenLogps = "ref_chosen_logps";

    /// <summary>The reference's sums for rejected completions: <c>[P]</c>.</summary>
    public const string RefRejectedLogps = "ref_rejected_logps";

    /// <summary>1 where desirable, 0 where not: <c>[R]</c>.</summary>
    public const string Labels = "labels";

    /// <summary>The estimate of KL(policy, reference) on mismatched rows: a scalar.</summary>
    public const string Kl = "kl";

    /// <summary>1 / rows (or pairs) of the optimizer step: a scalar.</summary>
    public const string LossScale = "loss_scale";

    /// <summary>1 / imitated tokens of the optimizer step: a scalar.</summary>
    public const string TokenScale = "token_scale";

    /// <summary>The output that training differentiates: a scalar.</summary>
    public const string Loss = "loss";

    /// <summary>The loss of each row before scaling: <c>[P]</c> or <c>[R]</c>.</summary>
    public const string PairLoss = "pair_loss";

    /// <summary>The chosen completions' rewards: <c>[P]</c>.</summary>
    public const string ChosenReward = "chosen_reward";

    /// <summary>The rejected completions' rewards: <c>[P]</c>.</summary>
    public const string RejectedReward = "rejected_reward";

    /// <summary>Single completions' rewards: <c>[R]</c>.</summary>
    public const string Reward = "reward";
}
