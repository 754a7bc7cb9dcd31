using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Export.Precision;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Import;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Export.Adapters;

/// <summary>A base as hosts load it, with places for adapters beside every product that can have a term.</summary>
static class SlottedModel
{
    /// <summary>Writes the model with a cache, its weights and the slots, whose defaults are empty.</summary>
    /// <param name="path">The file.</param>
    /// <param name="folder">The model, which then has what is stored; an adapter on it is left out.</param>
    /// <param name="dtype">What its weights are stored in.</param>
    /// <param name="options">Where weights lie, and what the file says of itself.</param>
    /// <exception cref="NotSupportedException">The model came as ONNX.</exception>
    public static void Write(string path, ModelFolder folder, StoredDtype dtype, ExportOptions options)
    {
        var model = OnnxExport.BaseOf(folder);
        if (model is OnnxDecoder)
        {
            throw new NotSupportedException($"{folder.Path} came as an ONNX model, whose graph stays as it is: it gets no places for "
                + "adapters (`Adapters`). Export each run merged into it.");
        }

        using var stored = StoredWeights.Of(folder, dtype, OrtProcess.Threads, withAdapter: false);
        string[] weights = [.. AdaptedModel.ProductsOf(model).Select(product => product.Weight)];
        var graph = LowRankSlots.AddTo(HostGraph.Of(model, options), weights, StoredWeights.ElementType(dtype.Terms));
        var form = options.Form(model.Family, stored.Name) with
        {
            EmptyByDefault = LowRankSlots.Inputs(weights).ToHashSet(StringComparer.Ordinal),
        };
        var lowered = HostGraph.Lowered(stored.Put(graph), options, dtype.Floats ?? folder.StoredType);
        OnnxModelWriter.Write(path, lowered, stored.Initializers, form);
    }
}
