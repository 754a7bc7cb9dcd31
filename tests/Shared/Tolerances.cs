namespace OrtDpo.Testing;

/// <summary>
/// The one table of tolerances. Log-probabilities and losses are in nats. Where nothing else is said, a tolerance is absolute; "relative
/// above 1" is a tolerance times the larger of 1 and the expected number. "Measured" is the largest difference that the tests met on an
/// AMD EPYC with ONNX Runtime 1.31. A looser tolerance is a commit of its own, with the measurement that justifies it.
/// </summary>
static class Tolerances
{
    /// <summary>
    /// The same numbers computed twice in float64: by hand, by another formula, in another order, in other batches, or by PyTorch;
    /// absolute, relative, or relative above 1. Measured 3e-14, on log-probabilities of completions in other batches. Scales that were
    /// rounded to float32 on their way into a float64 graph put log-probabilities 3.6e-8 off.
    /// </summary>
    public const double Float64 = 1e-12;

    /// <summary>
    /// One function or formula in float64, where the obvious spelling would lose digits: relative. Measured 2e-16, one unit of the last
    /// place.
    /// </summary>
    public const double Float64Function = 1e-14;

    /// <summary>
    /// Function values of size 1 at most, to fifteen digits: absolute or relative. Measured 9e-16, on the error function.
    /// </summary>
    public const double Float64LastDigit = 1e-15;

    /// <summary>
    /// Gradients in float64 against central differences of step h, 1e-5 or 1e-6: relative above 1. The difference itself is off by h² times
    /// a third derivative and by the function's rounding over h, 1e-11 or 1e-10 times the function. Measured 1e-9.
    /// </summary>
    public const double CentralDifference = 1e-8;

    /// <summary>A reward and a loss from sums of 1000 nats, of which the last place is 1.1e-13 in float64. Measured 1.4e-15.</summary>
    public const double ThousandNats = 1e-13;

    /// <summary>A number that was written down with seven decimals: half a unit of the last.</summary>
    public const double SevenDecimals = 5e-8;

    /// <summary>AlphaPO with α = 1e-6 against SimPO, its limit: the rest is of the order of α. Measured 3.3e-7.</summary>
    public const double AlphaNearZero = 1e-4;

    /// <summary>
    /// Numbers of a few operations, or of the same operations, in float32, of which the last place is 1.2e-7 at 1: absolute, relative, or
    /// relative above 1. One loss by hand or by its golden value; the loss and the rewards where the policy is the reference; what a run
    /// logged and <c>eval</c> finds again. Measured 2.5e-7, on golden losses and on log-probabilities of completions.
    /// </summary>
    public const double Float32 = 1e-6;

    /// <summary>
    /// A graph in float32 against another lowering of it, against float64 arithmetic, or against PyTorch's float64: relative above 1; of
    /// golden gradients of a loss and of gradient norms, relative. Measured 1.4e-6, on losses during ten steps of AdamW; 9e-6 of a gradient
    /// of size 1e-3.
    /// </summary>
    public const double Float32Graph = 1e-5;

    /// <summary>A token's log-probability by a model in float32, against PyTorch's float64. Measured 2.3e-6.</summary>
    public const double GoldenToken = 2e-5;

    /// <summary>
    /// A model's gradients in float32, against PyTorch's float64: a tensor's elements as parts of its largest (see
    /// <see cref="NegligibleGradient"/>), and norms relative. Measured 2e-6 for elements, 9e-6 for those of adapters after fifty steps,
    /// where the loss and its gradients are small, and 9e-6 for norms during ten steps of AdamW.
    /// </summary>
    public const double GoldenGradient = 1e-4;

    /// <summary>
    /// A tensor whose largest gradient is a smaller part of the norm of all gradients is measured as if it were this part.
    /// </summary>
    public const double NegligibleGradient = 1e-6;

    /// <summary>
    /// The mean difference of the losses of ten steps of AdamW, of adapters fifty, from PyTorch's: a drift to one side is a fault. Measured
    /// 3.9e-7.
    /// </summary>
    public const double GoldenDrift = 2e-6;

    /// <summary>
    /// An adapter after fifty steps of AdamW of 2e-3 in float32, against PyTorch's float64. Measured 9e-7 for A and B, of size below 1, and
    /// 2e-6 for what is saved whole, of size 1.6: there the factor of weight decay, 1 - 2e-5, is rounded to float32 once, 2.7e-8 too small,
    /// which fifty steps make 2.2e-6.
    /// </summary>
    public const double GoldenAdapterWeights = 5e-6;

    /// <summary>
    /// The same rows in float32 with other micro-batches, threads, recomputation or graph (scoring, training): losses, gradient norms and
    /// log-probabilities absolute, relative, or relative above 1; gradients as parts of the largest in their tensor. The mean difference of
    /// a run's steps may be half of it: a drift to one side is a fault also where every step is within its bound. Measured 6e-7.
    /// </summary>
    public const double SameStep = 5e-6;

    /// <summary>
    /// The same with parameters: the sum of all differences as a part of the sum of all updates. Measured 7e-7; docs/decisions/0010 has
    /// 2e-5, where the gradient is smallest.
    /// </summary>
    public const double SameUpdate = 2e-4;

    /// <summary>
    /// What a plain gradient step of length 1e-3 does to the loss, against its first order: relative, for the terms of second order.
    /// Measured 8e-4.
    /// </summary>
    public const double FirstOrder = 0.02;

    /// <summary>Weights of size below 1 after five updates of AdamW in float32, against the algorithm in float64. Measured 2e-7.</summary>
    public const double AdamWWeights = 2e-5;

    /// <summary>
    /// All gradients of a step in bfloat16 against float32's: the norm of the difference as a part of the norm. A rounding is 0.0017 of a
    /// number in the mean square, and some 75 follow each other in two layers (docs/decisions/0028): 1.5 %, times what the model amplifies.
    /// Measured 5.8 %, on Gemma 3 after two steps; the median is 2.5 %.
    /// </summary>
    public const double BFloat16Gradient = 0.1;

    /// <summary>
    /// The loss of a batch of pairs in bfloat16 against float32: log-probabilities differ by up to 0.1, at random, and weigh beta · sigmoid
    /// · 1/pairs each. Measured 1.6e-3.
    /// </summary>
    public const double BFloat16Loss = 5e-3;

    /// <summary>
    /// What two hundred steps with AdamW's moments in 8 bits take off a loss, against float32 moments: relative. The loss itself, here of
    /// pairs that are learned by heart, goes to 0, and differs by 4 % of itself where it is 0.107.
    /// </summary>
    public const double CodedMomentsLoss = 1e-2;

    /// <summary>
    /// The first loss, or the mean reward, of a run that starts from the reference of its cache, against the base value: the cache was
    /// scored in other batches, which move a token by up to 5e-5 (docs/decisions/0006). Measured 4e-8, on tiny models.
    /// </summary>
    public const double BaseValueOfCache = 1e-5;

    /// <summary>
    /// What is promised of a token's log-probability in float32 in another batch: <c>LogpTolerance.Token</c>. Batching moves a token by up
    /// to 5e-5.
    /// </summary>
    public const double GateToken = 2e-4;

    /// <summary>What is promised of a short completion: <c>LogpTolerance.Sequence</c> without its part per token.</summary>
    public const double GateSequence = 1e-3;

    /// <summary>What is promised of an export, in the mean over all tokens: <c>Parity.MeanLimit</c>.</summary>
    public const double ParityMean = 1e-5;

    /// <summary>What is promised of a token by an export: <c>Parity.MaxLimit</c>. Batching moves a token by up to 5e-5.</summary>
    public const double ParityMax = 5e-4;

    /// <summary>
    /// Losses of a hundred steps on real pairs, and the loss and margin of the held-out ones after them, against PyTorch's in float32.
    /// Other float32 sums move a loss by 6e-6. Measured 7.2e-6.
    /// </summary>
    public const double RealStepLoss = 1e-4;

    /// <summary>The mean difference of these losses: a drift to one side is a fault. Measured 1.4e-7.</summary>
    public const double RealStepDrift = 1e-5;

    /// <summary>Gradient norms of these steps: relative. Measured 1.4e-5.</summary>
    public const double RealStepGradNorm = 1e-3;

    /// <summary>
    /// Metrics against those of an earlier program: relative above 1. All are means of float32 sums, of which log-probabilities of −80 nats
    /// are exact to 8e-6 at best. Two threads and micro-batches of one pair, another order of every sum, moved losses by 1.3e-7, rewards by
    /// 3.7e-7 and log-probabilities by 3.2e-6; ONNX Runtime 1.31 in the place of 1.29 losses by 2.3e-7, rewards by 5.4e-7 and
    /// log-probabilities by 5.2e-6.
    /// </summary>
    public const double RecordedMetrics = 1e-5;

    /// <summary>
    /// Weights after four AdamW steps from the recorded state of an earlier program. Other last bits in the gradients move each step's
    /// update, which is of the learning rate's size (at most 1e-3 here), by 1e-5 of itself: 1e-8. Beside that, each step rounds a weight of
    /// size 1 to 1.2e-7, and may round it to the other side: 5e-7 after four steps. The program that made the runs ends bit for bit as its
    /// finished run; with ONNX Runtime 1.31 no weight is farther than 6e-8. Two threads and micro-batches of one pair moved none by more
    /// than 1.2e-7 in all eight steps.
    /// </summary>
    public const double ResumedWeights = 5e-7;

    /// <summary>
    /// The error of a tensor that is computed in bfloat16, as a part of PyTorch's error: both are sums of a hundred roundings or more, each
    /// 0.0017 of its number in the mean square, and differ by chance by 5 % where a tensor has 64 elements. Never more than PyTorch's.
    /// Measured 0.59 to 0.95, by tensor and summed over four batches.
    /// </summary>
    public const double BFloat16Most = 1;

    /// <summary>And never so little that nothing was rounded.</summary>
    public const double BFloat16Least = 0.5;

    /// <summary>
    /// The geometric mean of these parts over all tensors of a model. Measured 0.87 and 0.76; other roundings of the same number moved it
    /// by 0.005, gradients of norms in bfloat16 by 0.02.
    /// </summary>
    public const double BFloat16Mean = 0.9;

    /// <summary>
    /// How far a root mean square over a run's deviations in bfloat16 may lie above what is expected, or above PyTorch's: the margins of
    /// twenty steps are some fifty independent numbers, so it is off by 10 % by chance, and PyTorch's too. Measured 0.75 of PyTorch's for
    /// losses and 0.87 for margins, 0.97 with sums in other orders.
    /// </summary>
    public const double BFloat16Chance = 1.25;

    /// <summary>Standard deviations that one number in bfloat16 may be off, or a mean. Measured 2.1.</summary>
    public const double BFloat16Sigmas = 4;

    /// <summary>
    /// The least that margins in bfloat16 are off, as a part of what PyTorch's errors of log-probabilities let expect: else nothing was
    /// rounded. Measured 0.47 to 0.79.
    /// </summary>
    public const double BFloat16LeastMargin = 0.25;

    /// <summary>
    /// The least by which two orders of summation are apart, as a part of bfloat16's error: one rounding that falls to the other side
    /// makes others do so, until most have. Measured 0.9 to 1.2.
    /// </summary>
    public const double BFloat16LeastApart = 0.5;

    /// <summary>
    /// What twenty updates of AdamW in float32 make of a parameter, against PyTorch's float64: of the norm, and of a distance of no
    /// particular direction. Gradients are off by 1e-6 of themselves, which changes the sign of a first update in as many, and moves it by
    /// 1e-3 of a learning rate in the mean square; a parameter goes ten. Measured 1.6e-3, on a vector of 64 numbers.
    /// </summary>
    public const double GoldenMove = 5e-3;
}
