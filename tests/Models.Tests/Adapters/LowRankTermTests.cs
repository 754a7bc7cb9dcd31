using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Batches;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;
using OrtDpo.Models.Tests.Families;
using OrtDpo.Objectives;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Adapters;

/// <summary>
/// Low-rank terms in every family, in float64: y = x Wᵀ + s (x Aᵀ) Bᵀ is the product with W + s B A, so that numbers are those of the base
/// with these weights, which are held against PyTorch, and gradients follow from its: dA = s Bᵀ dW, dB = s dW Aᵀ.
/// </summary>
[Trait("Speed", "native")]
public sealed class LowRankTermTests
{
    public static TheoryData<string> Families => new(GoldenFamily.Families);

    [Theory]
    [MemberData(nameof(Families))]
    public void Numbers_and_gradients_are_those_of_the_base_with_merged_weights(string family)
    {
        var adapted = new Case(family);

        var actual = adapted.Gradients(adapted.Model, adapted.Weights.Concat(adapted.Terms));
        var expected = adapted.Gradients(adapted.Model.Base, adapted.Merged());

        AssertClose(expected["loss"].Numbers(), actual["loss"].Numbers(), Tolerances.Float64);
        AssertClose(expected["token_logps"].Numbers(), actual["token_logps"].Numbers(), Tolerances.Float64);
        foreach (var (weight, term) in adapted.Model.Terms)
        {
            var (gradA, gradB) = adapted.GradientsOfTerm(weight, term, expected[$"{weight}_grad"].Numbers());
            AssertClose(gradA, actual[$"{LowRankTerm.A(weight)}_grad"].Numbers(), Tolerances.Float64, what: LowRankTerm.A(weight));
            AssertClose(gradB, actual[$"{LowRankTerm.B(weight)}_grad"].Numbers(), Tolerances.Float64, what: LowRankTerm.B(weight));
        }
    }

    /// <summary>All A at once, and all B: each by itself is held by the weights' gradients.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void The_terms_hold_along_random_directions(string family)
    {
        var adapted = new Case(family);
        var feeds = adapted.Feeds(adapted.Model, adapted.Weights.Concat(adapted.Terms));
        var analytic = adapted.Gradients(adapted.Model, adapted.Weights.Concat(adapted.Terms));
        var composition = ComposedLoss.Compose(adapted.Model, adapted.Objective);
        var loss = composition.Builder.Build([("loss", composition["loss"])]).Lower(LoweringKind.Primitive);
        using var session = GraphRunner.Open(loss);
        var random = new Random(11);
        foreach (var side in (Func<string, string>[])[LowRankTerm.A, LowRankTerm.B])
        {
            var directions = adapted.Model.Terms.Keys.Select(side).ToDictionary(name => name, name => Tensor.Of(
                DataType.Float64, adapted.Terms[name].Sizes, adapted.Terms[name].Numbers().Select(_ => random.NextDouble() - 0.5)));
            const double Step = 1e-6;
            var numeric = (Along(Step) - Along(-Step)) / (2 * Step);
            var product = directions.Sum(d => analytic[$"{d.Key}_grad"].Dot(d.Value));
            GraphTolerance.Check(DataType.Float64, numeric, product, directions.Keys.First());

            double Along(double h)
            {
                var moved = new Dictionary<string, Tensor>(feeds, StringComparer.Ordinal);
                foreach (var (name, direction) in directions)
                {
                    moved[name] = adapted.Terms[name].Moved(h, direction);
                }

                return GraphRunner.Run(session, [.. loss.Inputs.Select(v => v.Name)], moved)["loss"].Numbers()[0];
            }
        }
    }

    [Fact]
    public void Gpt2_matrices_lie_in_out_and_terms_are_laid_out_as_everywhere()
    {
        using var golden = new GoldenFamily("gpt2");
        var model = ModelFamilies.Read(golden.Folder, DataType.Float64);
        var products = AdaptedModel.ProductsOf(model);
        Assert.All(products, p => Assert.True(p.Product.IsInOut));
        var (weight, product) = products.First(p => p.Weight.EndsWith("c_attn.weight", StringComparison.Ordinal));
        Assert.Equal(3 * product.InFeatures, product.OutFeatures);
        var adapted = new AdaptedModel(model, new Dictionary<string, LowRankTerm> { [weight] = new(2, 1) }, new HashSet<string>());
        Assert.Equal(
            [(LowRankTerm.A(weight), [2, product.InFeatures]), (LowRankTerm.B(weight), [product.OutFeatures, 2L])],
            adapted.TermParameters.Select(p => (p.Name, p.Shape)));
    }

    [Fact]
    public void A_term_beside_what_is_no_product_is_refused()
    {
        using var golden = new GoldenFamily("llama");
        var model = ModelFamilies.Read(golden.Folder, DataType.Float64);
        var layer = model.Layers()[0];
        var e = Assert.Throws<ArgumentException>(() => LowRankTerm.AddTo(
            layer, new Dictionary<string, LowRankTerm> { ["input_layernorm.weight"] = new(2, 1) }));
        Assert.StartsWith("Fragment 'layer' has no product with 'input_layernorm.weight' alone.", e.Message, StringComparison.Ordinal);
    }

    /// <summary>A golden model with a term on every product, of ranks and scales that differ.</summary>
    sealed class Case
    {
        readonly double[][] references;
        readonly PackedBatch batch;
        readonly IReadOnlyDictionary<string, LinearProduct> products;

        public Case(string family)
        {
            using var golden = new GoldenFamily(family);
            references = [.. golden.Pairs.Select(r => new[] { r.Reference![0].Sum, r.Reference![^1].Sum })];
            var model = ModelFamilies.Read(golden.Folder, DataType.Float64);
            products = AdaptedModel.ProductsOf(model).ToDictionary(p => p.Weight, p => p.Product);
            var terms = products.Keys.Index().ToDictionary(p => p.Item, p => new LowRankTerm(1 + (p.Index % 3), 0.5 + (p.Index % 2)));
            Model = new AdaptedModel(model, terms, new HashSet<string>());
            Objective = golden.Objective("sigmoid");
            batch = ExamplePacking.Pack([.. golden.Pairs.Select(r => r.Tokens)], BatchLayout.Packed);
            Weights = ComposedLoss.Weights(golden.Folder, DataType.Float64);
            var random = new Random(3);
            Terms = Model.TermParameters.ToDictionary(
                p => p.Name,
                p => Tensor.Of(
                    DataType.Float64, p.Shape, Enumerable.Range(0, (int)(p.Shape[0] * p.Shape[1])).Select(_ => random.NextDouble() - 0.5)));
        }

        public AdaptedModel Model { get; }

        public Objective Objective { get; }

        public Dictionary<string, Tensor> Weights { get; }

        public Dictionary<string, Tensor> Terms { get; }

        public IReadOnlyDictionary<string, Tensor> Gradients(DecoderModel model, IEnumerable<KeyValuePair<string, Tensor>> weights) =>
            GraphRunner.Run(
                ComposedLoss.WithGradients(ComposedLoss.Compose(model, Objective)).Lower(LoweringKind.Primitive), Feeds(model, weights));

        public Dictionary<string, Tensor> Feeds(DecoderModel model, IEnumerable<KeyValuePair<string, Tensor>> weights)
        {
            var feeds = ComposedLoss.Feeds(model, new Dictionary<string, Tensor>(weights), batch, arePairs: true);
            Add("ref_chosen_logps", [batch.Completions / 2], references.Select(r => r[0]));
            Add("ref_rejected_logps", [batch.Completions / 2], references.Select(r => r[1]));
            foreach (var (scalar, value) in Objective.Scalars.Append(new("loss_scale", 1.0 / references.Length)))
            {
                Add(scalar, [], [value]);
            }

            return feeds;

            void Add(string name, long[] shape, IEnumerable<double> values) => feeds[name] = Tensor.Of(DataType.Float64, shape, values);
        }

        /// <summary>W + s B A, transposed where W lies [in, out].</summary>
        public Dictionary<string, Tensor> Merged() => Weights.ToDictionary(w => w.Key, w =>
        {
            if (!Model.Terms.TryGetValue(w.Key, out var term))
            {
                return w.Value;
            }

            var (product, a, b) = (products[w.Key], Terms[LowRankTerm.A(w.Key)].Numbers(), Terms[LowRankTerm.B(w.Key)].Numbers());
            var merged = w.Value.Numbers().ToArray();
            for (var o = 0; o < product.OutFeatures; o++)
            {
                for (var i = 0; i < product.InFeatures; i++)
                {
                    for (var r = 0; r < term.Rank; r++)
                    {
                        merged[Place(product, o, i)] += term.Scale * b[(o * term.Rank) + r] * a[(r * product.InFeatures) + i];
                    }
                }
            }

            return Tensor.Of(DataType.Float64, w.Value.Sizes, merged);
        });

        public (double[] A, double[] B) GradientsOfTerm(string weight, LowRankTerm term, double[] gradWeight)
        {
            var (product, a, b) = (products[weight], Terms[LowRankTerm.A(weight)].Numbers(), Terms[LowRankTerm.B(weight)].Numbers());
            var (gradA, gradB) = (new double[a.Length], new double[b.Length]);
            for (var o = 0; o < product.OutFeatures; o++)
            {
                for (var i = 0; i < product.InFeatures; i++)
                {
                    for (var r = 0; r < term.Rank; r++)
                    {
                        var g = term.Scale * gradWeight[Place(product, o, i)];
                        gradA[(r * product.InFeatures) + i] += g * b[(o * term.Rank) + r];
                        gradB[(o * term.Rank) + r] += g * a[(r * product.InFeatures) + i];
                    }
                }
            }

            return (gradA, gradB);
        }

        static long Place(LinearProduct product, int o, int i) =>
            product.IsInOut ? (i * product.OutFeatures) + o : (o * product.InFeatures) + i;
    }
}
