using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Decoders;

/// <summary>An input of fragments that is neither trained nor part of a batch, and follows from the configuration.</summary>
/// <param name="Name">The input's name.</param>
/// <param name="Shape">Its dimensions, all numbers.</param>
/// <param name="Values">Row-major; the model's element type holds them rounded.</param>
public sealed record ModelTable(string Name, Shape Shape, double[] Values);
