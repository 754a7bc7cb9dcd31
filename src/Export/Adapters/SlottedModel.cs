using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Export.Precision;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Import;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Adapters;

/// <summary>A base as hosts load it, with places for adapters beside every product that can have a term.</summary>
static class SlottedModel
{
    /// <summary>Writes the model with a cache, its weights and the slots, whose defaults are empty.</summary>
    /// <param name="path">The file.</param>
    /// <param name="folder">The model, its weights all in <paramref name="type"/>; an adapter on it is left out.</param>
    /// <param name="type">The type of weights and terms: F32, F16 or BF16.</param>
    /// <param name="options">Where weights lie, and what the file says of itself.</param>
    /// <exception cref="NotSupportedException">The model came as ONNX.</exception>
    public static void Write(string path, ModelFolder folder, WeightType type, ExportOptions options)
    {
        var model = folder.Model is AdaptedModel adapted ? adapted.Base : folder.Model;
        if (model is OnnxDecoder)
        {
            throw new NotSupportedException($"{folder.Path} came as an ONNX model, whose graph stays as it is: it gets no places for "
                + "adapters (`Adapters`). Export each run merged into it.");
        }

        var element = ElementType(type);
        string[] weights = [.. AdaptedModel.ProductsOf(model).Select(product => product.Weight)];
        var graph = HostGraph.Of(model, options, type, whole => LowRankSlots.AddTo(whole, weights, element));
        var initializers = folder.BaseParameters.Select(
            name => new Initializer(name, element, folder.Find(name)!.Shape, folder.Address(name)));
        var form = options.Form(model.Family, type) with
        {
            EmptyByDefault = LowRankSlots.Inputs(weights).ToHashSet(StringComparer.Ordinal),
        };
        OnnxModelWriter.Write(path, graph, [.. initializers], form);
    }

    /// <summary>What graphs call the type.</summary>
    public static DataType ElementType(WeightType type) => type switch
    {
        WeightType.F32 => DataType.Float32,
        WeightType.F16 => DataType.Float16,
        WeightType.BF16 => DataType.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Expected F32, F16 or BF16."),
    };
}
