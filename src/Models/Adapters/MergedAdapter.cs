using System.Numerics.Tensors;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Adapters;

/// <summary>
/// An adapter that became part of its model: weights W + s B A (arXiv:2106.09685, §4.1), and what it saved whole. The sum is made in
/// float64 and rounded to float32 once: the numbers differ from those of the terms beside the products by rounding alone.
/// </summary>
public static unsafe class MergedAdapter
{
    /// <summary>Takes the adapter from a model and changes its weights instead. The adapted ones are then float32 in memory.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public static void Into(ModelFolder folder)
    {
        if (folder.Model is not AdaptedModel adapted)
        {
            throw new InvalidOperationException($"{folder.Path} has no adapter to merge.");
        }

        QuantizedBase.Dequantise(folder);
        var products = AdaptedModel.ProductsOf(adapted.Base).ToDictionary(p => p.Weight, p => p.Product, StringComparer.Ordinal);
        foreach (var (weight, term) in adapted.Terms)
        {
            var entry = folder.Find(weight)!;
            var merged = NativeBlock.Allocate(entry.Count * sizeof(float));
            WeightConversion.ToFloat32(folder.Address(weight), entry, merged.Address);
            folder.Release(weight);
            var (a, b) = (TermMatrix.Of(folder, LowRankTerm.A(weight)), TermMatrix.Of(folder, LowRankTerm.B(weight)));
            Add((float*)merged.Address, a, b, term, products[weight]);
            folder.Replace(weight, merged, entry with { Type = WeightType.F32, ByteCount = entry.Count * sizeof(float) });
        }

        folder.Detach(adapted.Base);
    }

    // Line by line of the matrix, so that threads decide nothing. To a line of [out, in] come A's lines, to one of [in, out] B's columns.
    static void Add(float* matrix, double[] a, double[] b, LowRankTerm term, LinearProduct product)
    {
        var (rank, scale) = (term.Rank, term.Scale);
        var (inputs, outputs) = ((int)product.InFeatures, (int)product.OutFeatures);
        var (lines, width) = product.IsInOut ? (inputs, outputs) : (outputs, inputs);
        var added = product.IsInOut ? TermMatrix.Transposed(b, outputs, rank) : a;
        Parallel.For(0, lines, line =>
        {
            var target = new Span<float>(matrix + ((long)line * width), width);
            var sum = new double[width];
            for (var i = 0; i < width; i++)
            {
                sum[i] = target[i];
            }

            for (var r = 0; r < rank; r++)
            {
                var factor = scale * (product.IsInOut ? a[(r * inputs) + line] : b[(line * rank) + r]);
                TensorPrimitives.MultiplyAdd(added.AsSpan(r * width, width), factor, sum, sum);
            }

            for (var i = 0; i < width; i++)
            {
                target[i] = (float)sum[i];
            }
        });
    }
}
