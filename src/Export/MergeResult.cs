using OrtDpo.Safetensors;

namespace OrtDpo.Export;

/// <summary>A merged model.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Model">The folder of the model that the adapter lay on.</param>
/// <param name="Dtype">The type that most of its weights are stored in.</param>
/// <param name="Parity">
/// How far it is, in float32, from the model with the adapter beside it, and what storing it in 16 bits does beyond that.
/// </param>
public sealed record MergeResult(string Folder, string Model, WeightType Dtype, ParityReport Parity);
