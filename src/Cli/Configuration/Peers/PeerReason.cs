namespace OrtDpo.Cli.Configuration.Peers;

/// <summary>Why something of other trainers has no place here; docs/not-here.md says more under its heading.</summary>
/// <param name="Topic">The heading.</param>
/// <param name="Text">The reason and the way round, as the end of a sentence, with keys of ours in backticks.</param>
sealed record PeerReason(string Topic, string Text)
{
    /// <summary>What is said of a name, behind it.</summary>
    public string Sentence => $"has no place here: {Text} (docs/not-here.md, {Topic})";

    public static PeerReason MovingReference { get; } = new(
        "A moving reference",
        "the reference is scored once and stays; train in rounds, with precompute on the last checkpoint between them");

    public static PeerReason Weighting { get; } = new(
        "Weights by the policy", "no pair is weighted by what the policy thinks of it; `weights` gives each file of data its share");

    public static PeerReason Trackers { get; } = new(
        "Trackers", "metrics.jsonl has every number, in a file of yours; nothing is sent to a service that needs an account");

    public static PeerReason Kernels { get; } = new(
        "Kernels and compilers", "OrtDpo builds its own graphs and bounds the memory of logits and attention by itself; leave it out");

    public static PeerReason Distributed { get; } = new(
        "Several devices",
        "a run has one device; `shard` of precompute divides scoring over machines, and `memory`, `base` and `stream` make a model fit");

    public static PeerReason Packing { get; } = new(
        "Packing", "prompts are computed once for their completions and rows of like length lie together, without an option; leave it out");

    public static PeerReason Online { get; } = new(
        "Online methods", "training is on completions that are there; generate makes new ones, which are then ranked and trained on");

    public static PeerReason Streaming { get; } = new(
        "Streaming", "every row is read once before training, so that splits, digests and resumes are exact; `max_rows` takes a part");

    public static PeerReason Vision { get; } = new("Images, video, sound", "models here read text alone");

    public static PeerReason Hub { get; } = new(
        "Hubs",
        "nothing is downloaded, uploaded or run from a hub: models and data are folders and files; get them with the hub's own tool");

    public static PeerReason Dropout { get; } = new(
        "Dropout and noise", "no dropout and no noise is applied, so that step 0 is the reference exactly; leave it out");

    public static PeerReason Precision { get; } = new(
        "Precisions", "products are float32, or bfloat16 by `dtype` on a GPU, and what trains is float32; leave it out");

    public static PeerReason Quantization { get; } = new(
        "Ways to quantise", "a base is held as it is stored, or in 4 bits by `base`: nf4, int4 or int4-128");

    public static PeerReason Adapters { get; } = new(
        "Other adapters", "adapters are LoRA, plain or rank-stabilized (`rslora`); leave it out");

    public static PeerReason Optimizers { get; } = new(
        "Other optimizers", "the optimizer is AdamW, adamw or adamw8bit, with one learning rate for all that trains; leave it out");

    public static PeerReason Always { get; } = new(
        "What is always so", "it is settled here and is no choice; leave it out");

    public static PeerReason Tokens { get; } = new(
        "Tokens and templates", "tokens, ends and masks follow from the model's own files and from the rows; leave it out");

    public static PeerReason OtherStages { get; } = new(
        "Other stages", "OrtDpo trains on preferences and on completions: no pre-training, no reward models, no PPO");

    public static PeerReason OtherLosses { get; } = new(
        "Other losses", "`loss` takes what docs/objectives.md lists, in any weighted sum");

    public static PeerReason Experts { get; } = new("Mixtures of experts", "models here are dense");
}
