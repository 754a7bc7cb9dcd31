namespace OrtDpo.Demo;

/// <summary>What the demo is asked to do.</summary>
public sealed record DemoRequest
{
    /// <summary>
    /// The model to tune: a model folder, which also holds the pairs, in <c>data/train.jsonl</c> and <c>data/heldout.jsonl</c>. The
    /// repository's is <c>models/demo</c>; the prompts that are answered and the learning rate are chosen for it.
    /// </summary>
    public required string Model { get; init; }

    /// <summary>Threads of ONNX Runtime; the first model of the process decides.</summary>
    public required int Threads { get; init; }

    /// <summary>The folder to make, which must not exist yet.</summary>
    public required string Out { get; init; }
}
