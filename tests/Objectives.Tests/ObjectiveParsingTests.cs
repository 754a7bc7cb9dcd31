namespace OrtDpo.Objectives.Tests;

public sealed class ObjectiveParsingTests
{
    // Each modifier with the losses that it changes: all others must refuse it.
    static readonly (string Option, ObjectiveOptions Given, IReadOnlySet<string> Users)[] Modifiers =
    [
        ("`Beta`", new() { Beta = 0.3 }, EveryLoss.Names.Except(EveryLoss.WithoutBeta).ToHashSet()),
        ("`LabelSmoothing`", new() { LabelSmoothing = 0.2 }, EveryLoss.Smoothed),
        ("`FDivergence`", new() { FDivergence = "js_divergence" }, EveryLoss.Divergent),
        ("`FAlpha`", new() { FDivergence = "alpha_divergence", FAlpha = 0.3 }, EveryLoss.Divergent),
        ("`LdAlpha`", new() { LdAlpha = 0.5 }, EveryLoss.OfWeightedSums),
        ("`DiscopopTau`", new() { DiscopopTau = 0.1 }, new HashSet<string> { "discopop" }),
        ("`Gamma`", new() { Gamma = 1 }, EveryLoss.WithGamma),
        ("`AlphapoAlpha`", new() { AlphapoAlpha = 0.2 }, new HashSet<string> { "alphapo" }),
        ("`DesirableWeight`", new() { DesirableWeight = 1.2 }, EveryLoss.WithRowWeights),
        ("`UndesirableWeight`", new() { UndesirableWeight = 1.2 }, EveryLoss.WithRowWeights),
    ];

    public static TheoryData<string, string> Inert => Each(users => EveryLoss.Names.Except(users));

    public static TheoryData<string, string> Effective => Each(users => users);

    [Theory]
    [MemberData(nameof(Inert))]
    public void A_modifier_that_the_loss_ignores_is_refused(string option, string name)
    {
        var message = Refused(name, Given(option, name));
        Assert.StartsWith(option, message, StringComparison.Ordinal);
        Assert.Contains(name, message, StringComparison.Ordinal);
        Assert.Contains(Modifiers.Single(m => m.Option == option).Users.First(), message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Effective))]
    public void A_modifier_that_the_loss_uses_is_taken(string option, string name) =>
        Assert.Equal(name, Objective.Parse(name, Given(option, name)).Losses);

    [Theory]
    [InlineData("sigmod", "sigmoid")]
    [InlineData("exo-pair", "exo_pair")]
    [InlineData("dpo", "sigmoid")]
    [InlineData("slic", "hinge")]
    [InlineData("IPO", "ipo")]
    public void An_unknown_name_is_answered_with_the_nearest_and_with_all(string typed, string meant)
    {
        var message = Refused(typed);
        Assert.StartsWith($"'{typed}' is not a loss; did you mean {meant}?", message, StringComparison.Ordinal);
        Assert.All(EveryLoss.Names, name => Assert.Contains(name, message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "'' is not a loss. The losses are sigmoid, cdpo, ")]
    [InlineData("sigmoid,", "'' is not a loss. The losses are ")]
    [InlineData("sigmoid:", "`Loss` gives sigmoid the weight ''; it must be a positive number.")]
    [InlineData("sigmoid:0", "`Loss` gives sigmoid the weight '0'; it must be a positive number.")]
    [InlineData("sigmoid:-1", "`Loss` gives sigmoid the weight '-1'; it must be a positive number.")]
    [InlineData("sigmoid:NaN", "`Loss` gives sigmoid the weight 'NaN'; it must be a positive number.")]
    [InlineData("sigmoid:1:2", "`Loss` has 'sigmoid:1:2'; expected name or name:weight, such as sft:0.5.")]
    [InlineData("sigmoid,hinge,sigmoid:2", "`Loss` names sigmoid 2 times; give it once, with the sum of its weights.")]
    [InlineData("sigmoid,kto", "`Loss` mixes kto and sigmoid, which are losses of different rows (single completions with labels, pairs).")]
    [InlineData("kto,sft", "`Loss` mixes sft and kto, which are losses of different rows (completions to imitate, single completions wi")]
    [InlineData("simpo,sigmoid", "`Beta` is missing: simpo takes 2 by default and sigmoid 0.1.")]
    [InlineData("robust", "robust needs `LabelSmoothing`, above 0 and below 0.5: ")]
    [InlineData("cdpo", "cdpo needs `LabelSmoothing`, above 0 and below 0.5: ")]
    [InlineData("exo_pair", "exo_pair needs `LabelSmoothing`, above 0 and below 0.5: ")]
    [InlineData("alphapo", "alphapo needs `AlphapoAlpha`, typically 0.1 to 0.3; at 0 it would be simpo.")]
    public void What_cannot_be_read_is_refused_in_a_sentence(string losses, string message) =>
        Assert.StartsWith(message, Refused(losses), StringComparison.Ordinal);

    public static TheoryData<string, ObjectiveOptions, string> OutOfRange => new()
    {
        { "sigmoid", new() { Beta = 0 }, "`Beta` is 0; it must be positive (typically 0.1 to 0.5)." },
        { "sigmoid", new() { Beta = -0.1 }, "`Beta` is -0.1; it must be positive (typically 0.1 to 0.5)." },
        { "sigmoid", new() { Beta = double.NaN }, "`Beta` is NaN; it must be positive (typically 0.1 to 0.5)." },
        { "sigmoid", new() { Beta = double.PositiveInfinity }, "`Beta` is Infinity; it must be positive (typically 0.1 to 0.5)." },
        { "sigmoid", new() { LabelSmoothing = -0.1 }, "`LabelSmoothing` is -0.1; it must be at least 0 and below 0.5." },
        { "robust", new() { LabelSmoothing = 0.5 }, "`LabelSmoothing` is 0.5; it must be at least 0 and below 0.5." },
        { "robust", new() { LabelSmoothing = 0 }, "robust needs `LabelSmoothing`, above 0 and below 0.5: " },
        { "exo_pair", new() { LabelSmoothing = 0 }, "exo_pair needs `LabelSmoothing`, above 0 and below 0.5: " },
        { "sigmoid", new() { LdAlpha = 1.1 }, "`LdAlpha` is 1.1; it must be between 0 and 1." },
        {
            "sigmoid", new() { FDivergence = "kl" },
            "`FDivergence` is 'kl'; it must be one of reverse_kl, forward_kl, js_divergence, alpha_divergence."
        },
        { "sigmoid", new() { FAlpha = 0.5 }, "`FAlpha` has no effect without `FDivergence` alpha_divergence." },
        {
            "sigmoid", new() { FDivergence = "js_divergence", FAlpha = 0.5 },
            "`FAlpha` has no effect without `FDivergence` alpha_divergence."
        },
        { "discopop", new() { DiscopopTau = 0 }, "`DiscopopTau` is 0; it must be positive (typically 0.05)." },
        { "simpo", new() { Gamma = -1 }, "`Gamma` is -1; it must be at least 0." },
        { "alphapo", new() { AlphapoAlpha = 0 }, "`AlphapoAlpha` is 0; it must be a number other than 0 (which is simpo)." },
        { "kto", new() { DesirableWeight = 0 }, "`DesirableWeight` is 0; it must be positive." },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void A_number_out_of_range_is_refused(string losses, ObjectiveOptions options, string message) =>
        Assert.StartsWith(message, Refused(losses, options), StringComparison.Ordinal);

    [Fact]
    public void In_a_mix_one_part_that_uses_a_modifier_is_enough()
    {
        var options = new ObjectiveOptions { LabelSmoothing = 0.1, FDivergence = "js_divergence" };
        var mix = Objective.Parse("sigmoid:0.8, bco_pair:0.2, sft:1", options);
        Assert.Equal("sigmoid:0.8,bco_pair:0.2,sft", mix.Losses);
        Assert.Equal(
            "`LabelSmoothing` has no effect: none of hinge, sft uses it. "
            + "Losses that do: sigmoid, cdpo, robust, exo_pair, aot, aot_unpaired, simpo, alphapo, cpo.",
            Refused("hinge,sft", new ObjectiveOptions { LabelSmoothing = 0.1 }));
    }

    [Fact]
    public void Token_weights_are_refused_unless_every_part_is_of_weighted_sums() => Assert.StartsWith(
        "`LdAlpha` weights the tokens of every part, and sft is not a function of weighted sums. Losses that are: sigmoid, ",
        Refused("sigmoid,sft", new ObjectiveOptions { LdAlpha = 0.5 }), StringComparison.Ordinal);

    [Fact]
    public void What_is_not_given_has_the_losses_defaults()
    {
        Assert.Equal(0.1, Objective.Parse("sigmoid").Beta);
        Assert.Equal(2, Objective.Parse("sigmoid_norm").Beta);
        Assert.Null(Objective.Parse("sft").Beta);
        Assert.Equal(0.5, Objective.Parse("simpo").Scalars["gamma"]);
        Assert.Equal(0.05, Objective.Parse("discopop").Scalars["discopop_tau"]);
        Assert.Equal(0.5, Objective.Parse("hinge", new ObjectiveOptions { FDivergence = "alpha_divergence" }).Scalars["f_alpha"]);
        Assert.Equal(1, Objective.Parse("kto").Scalars["undesirable_weight"]);
    }

    [Fact]
    public void An_alpha_divergence_of_one_is_the_reverse_kl() => Assert.DoesNotContain(
        "f_alpha", Objective.Parse("sigmoid", new ObjectiveOptions { FDivergence = "alpha_divergence", FAlpha = 1 }).Scalars.Keys);

    [Theory]
    [InlineData("sigmoid", ObjectiveRows.Pairs, true, ObjectiveScope.Row, false, false)]
    [InlineData("sft,cpo", ObjectiveRows.Pairs, false, ObjectiveScope.Row, false, true)]
    [InlineData("cpo,hinge", ObjectiveRows.Pairs, true, ObjectiveScope.Row, false, false)]
    [InlineData("sigmoid,aot", ObjectiveRows.Pairs, true, ObjectiveScope.Step, false, false)]
    [InlineData("kto", ObjectiveRows.Unpaired, true, ObjectiveScope.Row, true, false)]
    [InlineData("apo_zero_unpaired", ObjectiveRows.Unpaired, true, ObjectiveScope.Row, false, false)]
    [InlineData("sft,sft_sequence", ObjectiveRows.Supervised, false, ObjectiveScope.Row, false, true)]
    public void It_says_what_it_needs(string losses, ObjectiveRows rows, bool reference, ObjectiveScope scope, bool kl, bool nll)
    {
        var objective = Objective.Parse(losses);
        Assert.Equal((rows, reference, scope), (objective.Rows, objective.NeedsReference, objective.Scope));
        Assert.Equal((kl, nll), (objective.NeedsKl, objective.HasNll));
    }

    [Theory]
    [InlineData("sigmoid", "beta,logps,loss_scale,ref_chosen_logps,ref_rejected_logps")]
    [InlineData("ipo", "beta,lengths,logps,loss_scale,ref_chosen_logps,ref_rejected_logps")]
    [InlineData("simpo", "beta,gamma,lengths,logps,loss_scale")]
    [InlineData("cpo,sft:0.5", "beta,logps,loss_scale,token_scale")]
    [InlineData("kto", "beta,desirable_weight,kl,labels,logps,loss_scale,ref_logps,undesirable_weight")]
    [InlineData("sft", "logps,loss_scale,token_scale")]
    [InlineData("sft_sequence", "lengths,logps,loss_scale")]
    public void Its_graph_declares_only_what_it_needs(string losses, string inputs) =>
        Assert.Equal(inputs.Split(','), Objective.Parse(losses).Build().Inputs.Select(v => v.Name).Order(StringComparer.Ordinal));

    static TheoryData<string, string> Each(Func<IReadOnlySet<string>, IEnumerable<string>> losses)
    {
        var data = new TheoryData<string, string>();
        foreach (var (option, _, users) in Modifiers)
        {
            foreach (var name in losses(users))
            {
                data.Add(option, name);
            }
        }

        return data;
    }

    static ObjectiveOptions Given(string option, string name)
    {
        var (given, needs) = (Modifiers.Single(m => m.Option == option).Given, EveryLoss.Needs(name));
        return given with
        {
            LabelSmoothing = given.LabelSmoothing ?? needs.LabelSmoothing,
            AlphapoAlpha = given.AlphapoAlpha ?? needs.AlphapoAlpha,
        };
    }

    static string Refused(string losses, ObjectiveOptions? options = null) =>
        Assert.Throws<ArgumentException>(() => Objective.Parse(losses, options)).Message;
}
