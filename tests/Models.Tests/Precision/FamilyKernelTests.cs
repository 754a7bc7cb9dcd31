using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;

namespace OrtDpo.Models.Tests.Precision;

/// <summary>
/// Every graph of every family, as an engine builds it, has kernels on a device: fragments whole and cut, kept, recomputed and frozen,
/// with adapters, in float32 and in bfloat16.
/// </summary>
public sealed class FamilyKernelTests
{
    public static TheoryData<string, DataType> Cases
    {
        get
        {
            var cases = new TheoryData<string, DataType>();
            foreach (var family in Testing.GoldenFamily.Families)
            {
                cases.Add(family, DataType.Float32);
                cases.Add(family, DataType.BFloat16);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Nothing_of_a_family_is_refused(string family, DataType compute)
    {
        var model = ModelFamilies.Read(Testing.Repository.Find("tests", "golden", "families", family), DataType.Float32);
        var pass = new PrecisionPass(compute);
        foreach (var graph in new[] { model.Embed(), model.EmbedStacked(), model.Logits() }.Select(f => f.Graph))
        {
            KernelTable.Cuda.Require(pass.Of(graph).Lower(LoweringKind.Cuda));
        }

        foreach (var (fragment, seeds, wanted, sums) in Fragments(model))
        {
            foreach (var (keep, trains) in ((bool, bool)[])[(true, true), (false, true), (true, false), (false, false)])
            {
                var trained = trains ? fragment.ParameterNames.Keys : [];
                Require(pass, FragmentGradient.Build(fragment.Graph, seeds, wanted, [.. trained, .. sums], keep));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Nothing_of_an_adapter_is_refused(string family, DataType compute)
    {
        var model = ModelFamilies.Read(Testing.Repository.Find("tests", "golden", "families", family), DataType.Float32);
        foreach (var layer in model.Layers())
        {
            var terms = LinearProduct.In(layer).ToDictionary(p => p.Weight, _ => new LowRankTerm(4, 2), StringComparer.Ordinal);
            Assert.True(terms.Count >= 4, $"{terms.Count}");
            var graph = LowRankTerm.AddTo(layer, terms);
            var trained = terms.Keys.SelectMany(w => new[] { LowRankTerm.A(w), LowRankTerm.B(w) }).ToArray();
            var pass = new PrecisionPass(compute, trained);
            foreach (var keep in new[] { true, false })
            {
                Require(pass, FragmentGradient.Build(graph, [FragmentPorts.HiddenOut], [FragmentPorts.Hidden], trained, keep));
            }
        }
    }

    // As the step engine has them: embed, layers whole and around their attention, the head whole and up to the vocabulary. Sums are
    // activations whose gradients are added to what is there.
    static IEnumerable<(Fragment Fragment, string[] Seeds, string[] Wanted, string[] Sums)> Fragments(DecoderModel model)
    {
        yield return (model.Embed(), [FragmentPorts.Hidden], [], []);
        foreach (var layer in model.Layers().DistinctBy(l => l.Graph))
        {
            yield return (layer, [FragmentPorts.HiddenOut], [FragmentPorts.Hidden], []);
            var cut = AttentionCut.Of(layer)!;
            string[] projected = [AttentionCut.Query, AttentionCut.Key, AttentionCut.Value];
            yield return (cut.Before, projected, [], [FragmentPorts.Hidden]);
            yield return (cut.After, [FragmentPorts.HiddenOut], [FragmentPorts.Hidden, AttentionCut.Read], []);
        }

        yield return (model.Head(), [FragmentPorts.TokenLogps], [FragmentPorts.Hidden], []);
        yield return (VocabularyCut.Of(model.Head())!.Rows, [VocabularyCut.RowsOutput], [FragmentPorts.Hidden], []);
    }

    static void Require(PrecisionPass pass, FragmentGradient gradient)
    {
        var narrow = pass.Of(gradient);
        KernelTable.Cuda.Require(narrow.Forward.Lower(LoweringKind.Cuda));
        KernelTable.Cuda.Require(narrow.Backward.Lower(LoweringKind.Cuda));
    }
}
