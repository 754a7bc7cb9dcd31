using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Quantization;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Quantized;

/// <summary>
/// A model's weights as bitsandbytes saves them in nf4, which Transformers loads and this project reads: codes under the weight's name, and
/// beside it <c>.absmax</c> (float32), <c>.quant_map</c> and <c>.quant_state.bitsandbytes__nf4</c> (functional.py, <c>QuantState</c>).
/// </summary>
public static class Nf4Folder
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The tensors of a folder's linear weights, quantised to nf4.</summary>
    /// <param name="folder">A model whose weights are numbers; it owns the memory of the tensors.</param>
    /// <param name="type">The dtype of the model's other weights.</param>
    /// <param name="threads">Threads at most; the result does not depend on them.</param>
    /// <exception cref="InvalidDataException">A weight is not finite or too large; the message says which.</exception>
    /// <exception cref="NotSupportedException">bitsandbytes has no such weights of this model.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<TensorSource>> Tensors(ModelFolder folder, WeightType type, int threads)
    {
        var linear = QuantizedBase.LinearWeights(folder.Model);
        if (linear.Count == 0 || linear.Any(weight => weight.Product.IsInOut || !weight.Name.EndsWith(".weight", StringComparison.Ordinal)))
        {
            throw new NotSupportedException($"{folder.Path} is a {folder.Model.Family} model, whose linear weights lie as [in, out] or "
                + "have no names of modules, and bitsandbytes has none such in nf4. Leave `Quantize` out.");
        }

        var weights = QuantizedBase.Of(folder, BaseWeights.Nf4Form);
        weights.Prepare(threads);
        return weights.Weights.Values.ToDictionary(w => w.Name, w => TensorsOf(w.Name, w.Matrix, type, folder), StringComparer.Ordinal);
    }

    /// <summary>A configuration that says so, as Transformers writes it.</summary>
    /// <param name="config">The configuration of the model in numbers.</param>
    internal static byte[] Config(byte[] config)
    {
        var fields = ConfigDtype.Fields(config);
        fields["quantization_config"] = new JsonObject
        {
            ["_load_in_4bit"] = true,
            ["_load_in_8bit"] = false,
            ["bnb_4bit_compute_dtype"] = "float32",
            ["bnb_4bit_quant_storage"] = "uint8",
            ["bnb_4bit_quant_type"] = "nf4",
            ["bnb_4bit_use_double_quant"] = false,
            ["load_in_4bit"] = true,
            ["load_in_8bit"] = false,
            ["quant_method"] = "bitsandbytes",
        };
        return JsonSerializer.SerializeToUtf8Bytes(fields, Indented);
    }

    static IReadOnlyList<TensorSource> TensorsOf(string name, QuantizedMatrix matrix, WeightType type, ModelFolder folder)
    {
        var state = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["quant_type"] = "nf4",
            ["blocksize"] = matrix.Form.Block,
            ["dtype"] = type.ConfigName(),
            ["shape"] = new JsonArray(matrix.Rows, matrix.Columns),
        });
        return
        [
            Owned(name, WeightType.U8, [matrix.Codes.Length, 1], matrix.Codes.Span),
            Owned($"{name}.absmax", WeightType.F32, [matrix.Scales.Length], matrix.ScaleBytes.Span),
            Owned($"{name}.quant_map", WeightType.F32, [Nf4.Levels.Length], MemoryMarshal.AsBytes(Nf4.Levels)),
            Owned($"{name}.quant_state.bitsandbytes__nf4", WeightType.U8, [state.Length], state),
        ];

        unsafe TensorSource Owned(string tensor, WeightType kind, long[] shape, ReadOnlySpan<byte> bytes)
        {
            var block = NativeBlock.Allocate(bytes.Length);
            folder.Own(block);
            bytes.CopyTo(new Span<byte>((void*)block.Address, bytes.Length));
            return new(tensor, kind, shape, block.Address);
        }
    }
}
