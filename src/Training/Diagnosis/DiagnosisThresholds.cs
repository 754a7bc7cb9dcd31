namespace OrtDpo.Training;

/// <summary>From when on numbers are a finding; docs/diagnosis.md has the runs that they were measured on.</summary>
static class DiagnosisThresholds
{
    /// <summary>Steps that a statement about training is made over: with fewer it would rest on a few batches.</summary>
    public const int Window = 20;

    /// <summary>
    /// The loss is stuck where no step of the window is farther from its base value than this share of it. Published 7B runs stand at 0.664
    /// to 0.691 of ln 2 at step 100, and their batches scatter; a learning rate a hundred times too low moves it by less than 0.001.
    /// </summary>
    public const double StuckShare = 0.002;

    /// <summary>
    /// Nats by which margins may have moved, in the mean of the window, where the loss counts as stuck: at a beta of 1e-4 it stays within
    /// the share above while the policy learns as it does at 0.1, to a nat of margin.
    /// </summary>
    public const double StuckMargin = 0.1;

    /// <summary>
    /// A loss that is this much higher than where the policy is the reference (or than in the first steps) has diverged. Good runs never
    /// lie above it in the mean of the last <see cref="DivergenceWindow"/> steps.
    /// </summary>
    public const double DivergedRatio = 1.5;

    /// <summary>Steps whose mean loss is looked at for divergence: soon enough to stop a run, and no single batch.</summary>
    public const int DivergenceWindow = 10;

    /// <summary>Steps at whose beginning the loss is taken where it has no base value.</summary>
    public const int FirstSteps = 3;

    /// <summary>The share of the run over which the margin has to leave 0, within <see cref="Window"/> and these steps.</summary>
    public const double MarginShare = 0.25;

    /// <inheritdoc cref="MarginShare"/>
    public const int LargestMarginWindow = 200;

    /// <summary>
    /// Held-out pairs go against those of training where fewer than this share are right, at the high end of the 95 % interval: labels by a
    /// coin come to 0.39 of pairs that are all moved the same way, swapped ones to 0.03.
    /// </summary>
    public const double AgainstAccuracy = 0.25;

    /// <summary>The training accuracy above which a rising held-out loss is overfitting: nearly all pairs are known by heart.</summary>
    public const double MemorizedAccuracy = 0.95;

    /// <summary>Evaluations in a row of which each has a higher loss than the one before.</summary>
    public const int Rises = 3;

    /// <summary>
    /// How far the last of them is above the lowest loss of all at least, as a share of it: below it they are the noise of a loss that no
    /// longer changes.
    /// </summary>
    public const double LeastRise = 0.02;

    /// <summary>
    /// Nats per token by which chosen completions may fall while margins rise: normal to a degree (arXiv:2410.08847, arXiv:2402.13228), and
    /// a little of it does no harm (arXiv:2410.11677). Good runs fall by 0.04 at most.
    /// </summary>
    public const double ChosenFallWatch = 0.1;

    /// <summary>The release gate's limit for the same; e^0.3 = 1.35 times the perplexity.</summary>
    public const double ChosenFallWarning = 0.3;

    /// <summary>
    /// Nats per completion, of k1's size, from which on the divergence from the reference is worth a look: good runs are at 4 at most, one
    /// of forty pairs for thirty epochs is at 19.
    /// </summary>
    public const double KlWatch = 10;

    /// <summary>Nats per completion, of k1's size, from which on the policy has left the reference: such runs are at 51 and more.</summary>
    public const double KlWarning = 20;

    /// <summary>
    /// Nats per completion, of k3, below which the policy is still the reference when the run ends: good runs are at 0.15 at least, those
    /// with a beta of 50 or with the labels of a coin at 0.02 to 0.03.
    /// </summary>
    public const double KlNothing = 0.1;

    /// <summary>
    /// The correlation of margins with length differences, at the low end of its 95 % interval, from which on length explains a quarter of
    /// the margins' variance.
    /// </summary>
    public const double LengthBiasWatch = 0.5;

    /// <summary>The same for half of the variance.</summary>
    public const double LengthBiasWarning = 0.71;

    /// <summary>The learning rate may be this many times higher or lower than what fits the model's size.</summary>
    public const double RateFactor = 10;

    /// <summary>Beyond so many times it is a warning.</summary>
    public const double RateWarningFactor = 100;

    /// <summary>
    /// How many times the clip the gradient's norm is in the mean of steps that are all clipped. That they are is usual: good runs have 1.5
    /// times the clip (SimPO), 2.2 (beta 0.3) and 14 (IPO, whose loss begins at 25) in all of their steps.
    /// </summary>
    public const double ClipRatio = 30;

    /// <summary>The share of skipped steps that is no accident any more, once there are <see cref="ManySkipped"/>.</summary>
    public const double SkippedShare = 0.01;

    /// <summary>Skipped steps that are no accident any more: one may be bad luck.</summary>
    public const int ManySkipped = 3;

    /// <summary>A finding is told again when it goes so many times as far as when it was told: a few times in a run at most.</summary>
    public const double Worse = 2;
}
