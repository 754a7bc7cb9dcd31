using OrtDpo.Adapters.Onnx;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Decoders;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Tests.Adapters;

/// <summary>A host's adapter with random numbers, written to a file.</summary>
static class RandomAdapter
{
    /// <summary>Terms for products of a model, as large as a good part of the product.</summary>
    /// <param name="model">The model.</param>
    /// <param name="seed">Of the numbers.</param>
    /// <param name="rank">The rank for the product of that number; 0: it has no term.</param>
    /// <param name="type">F32, F16 or BF16.</param>
    public static OnnxAdapter Of(DecoderModel model, int seed, Func<int, int> rank, WeightType type = WeightType.F32)
    {
        var random = new Random(seed);
        return new([.. AdaptedModel.ProductsOf(model).Index().Where(p => rank(p.Index) > 0).SelectMany(p =>
        {
            var (weight, product) = p.Item;
            var r = rank(p.Index);
            return (OnnxAdapterTensor[])
            [
                Tensor(LowRankTerm.A(weight), product.InFeatures, r, 1 / Math.Sqrt(product.InFeatures)),
                Tensor(LowRankTerm.B(weight), r, product.OutFeatures, 1 / Math.Sqrt(r)),
            ];
        })]);

        OnnxAdapterTensor Tensor(string name, long rows, long columns, double size)
        {
            var numbers = Enumerable.Range(0, (int)(rows * columns)).Select(_ => (float)(size * (random.NextDouble() - 0.5))).ToArray();
            byte[] bytes = type switch
            {
                WeightType.F32 => [.. numbers.SelectMany(BitConverter.GetBytes)],
                WeightType.F16 => [.. numbers.SelectMany(n => BitConverter.GetBytes((Half)n))],
                _ => [.. numbers.SelectMany(n => BitConverter.GetBytes(n)[2..])],
            };
            return new(name, type, [rows, columns], bytes);
        }
    }

    public static string Write(TemporaryFolder folder, string name, OnnxAdapter adapter)
    {
        var path = folder.File(name + OnnxAdapter.Extension);
        using var file = File.Create(path);
        OnnxAdapterWriter.Write(file, adapter);
        return path;
    }
}
