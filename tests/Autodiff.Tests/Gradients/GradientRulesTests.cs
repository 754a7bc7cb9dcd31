using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

[Trait("Speed", "native")]
public sealed class GradientRulesTests
{
    public static TheoryData<string> Rules => [.. GradientCases.Rules.Keys];

    public static TheoryData<string> Composites => [.. GradientCases.Composites.Keys];

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_rule_agrees_with_finite_differences(string name) =>
        GradientCheck.HoldsAlongRandomDirections(GradientCases.Rules[name], seed: 1);

    [Theory]
    [MemberData(nameof(Composites))]
    public void The_rule_of_a_composite_agrees_with_finite_differences(string name) =>
        GradientCheck.HoldsAlongRandomDirections(GradientCases.Composites[name], seed: 2);

    [Theory]
    [MemberData(nameof(Rules))]
    public void Gradients_in_float32_are_the_same_with_fused_operators(string name) =>
        GradientCheck.FusedAgreesWithPrimitive(GradientCases.Rules[name], seed: 3);

    [Theory]
    [MemberData(nameof(Composites))]
    public void A_composite_and_its_gradient_are_the_same_in_both_lowerings(string name) =>
        GradientCheck.FusedAgreesWithPrimitive(GradientCases.Composites[name], seed: 4);
}
