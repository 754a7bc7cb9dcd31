namespace OrtDpo.Artifacts.Graphs;

/// <summary>The model behind artifacts.</summary>
/// <param name="Family"><c>model_type</c> of its <c>config.json</c>; <c>onnx</c> for a model that came as ONNX.</param>
/// <param name="Layout">How its batches are laid out: <c>packed</c> or <c>stacked</c>.</param>
/// <param name="Digest">The identity of its weights without an adapter, for sequences of <paramref name="MaxLength"/> tokens.</param>
/// <param name="AdapterDigest">The identity of the adapter that it begins with; null: none, or a new one.</param>
/// <param name="ConfigDigest">SHA-256 of <c>config.json</c>; null: it has none.</param>
/// <param name="Vocabulary">Token ids are below it.</param>
/// <param name="MaxLength">The longest prompt with one completion, in tokens.</param>
/// <param name="Seed">What a new adapter's numbers were drawn from; null: there is no new one.</param>
public sealed record ArtifactModel(
    string Family, string Layout, string Digest, string? AdapterDigest, string? ConfigDigest, int Vocabulary, int MaxLength, ulong? Seed);

/// <summary>A parameter: Hugging Face's name, or an adapter's, its dimensions, and whether it trains.</summary>
public sealed record ArtifactParameter(string Name, IReadOnlyList<long> Shape, bool Trains);

/// <summary>A program and its version.</summary>
public sealed record ArtifactMaker(string Tool, string Version);
