using OrtDpo.Models.Adapters;
using OrtDpo.Models.Quantized;
using OrtDpo.Models.Tests.Import;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>A folder with an ONNX model, as PyTorch's exporter writes it, is held in 4 bits as any other.</summary>
public sealed class ForeignBaseTests
{
    public static TheoryData<string, string> Forms => new(
        from name in ForeignModelTests.Models
        from form in (string[])["nf4", "int4"]
        select (name.Data, form));

    [Theory]
    [MemberData(nameof(Forms))]
    public void Its_linear_weights_become_the_nearest_and_can_be_kept(string name, string form)
    {
        var path = Path.GetDirectoryName(Repository.Find("tests", "golden", "foreign-onnx", name, "model.onnx"))!;
        using var stored = ModelFolder.Open(path);
        using var model = Open(path, form);
        Assert.Equal(ReferenceDigest.Compute(stored), ReferenceDigest.Compute(model));
        var products = AdaptedModel.ProductsOf(stored.Model);
        Assert.NotEmpty(products);
        Assert.Equal(products.Select(p => p.Weight), model.Quantized!.Weights.Keys);
        foreach (var (weight, product) in products)
        {
            var (width, numbers, found) = (
                (int)stored.Find(weight)!.Shape[1], stored.Numbers(weight), model.Quantized.Find(weight)!.Numbers());
            if (product.IsInOut)
            {
                (numbers, found) = (TinyFolder.Transposed(numbers, width), TinyFolder.Transposed(found, width));
            }

            NaiveForm.AssertNearest(form, numbers, (int)product.InFeatures, found);
        }

        using var folder = new TemporaryFolder();
        var kept = folder.File(KeptBase.NameOf(model));
        using (var file = File.Create(kept))
        {
            KeptBase.Write(file, model);
        }

        using var read = Open(path, kept);
        Assert.Equal((model.Quantized.Form, model.Quantized.Digest()), (read.Quantized!.Form, read.Quantized.Digest()));
    }

    static ModelFolder Open(string path, string form) =>
        ModelFolder.Open(path, adapter: null, WeightMapping.ReadOnly, new BaseWeights(form));
}
