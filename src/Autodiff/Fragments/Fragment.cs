using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>A part of a model: a graph, and which of its inputs are parameters, under which Hugging Face names.</summary>
/// <param name="Graph">The graph; parameters are among its inputs.</param>
/// <param name="ParameterNames">From graph input to the parameter's name in the model.</param>
public sealed record Fragment(OnnxGraph Graph, IReadOnlyDictionary<string, string> ParameterNames);
