using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Gradients;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

public sealed class RuleCoverageTests
{
    public static TheoryData<string> Steps => [.. StepCases.Zeros.Keys];

    [Fact]
    public void Every_gradient_rule_has_a_case()
    {
        var tested = GradientCases.All.Values.SelectMany(Written).ToHashSet();
        Assert.Empty(GradientRules.Differentiable.Where(op => !tested.Contains(op)).Select(op => op.ToString()));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void A_step_passes_no_gradient_on(string name)
    {
        var g = new TestGraph(DataType.Float32, seed: 1);
        var y = g.B.Cast(StepCases.Zeros[name](g), DataType.Float32);
        var gradients = Backpropagation.Append(g.B, [(y, g.B.Input("g", y.Type, y.Shape))], g.Reals);
        Assert.All(g.Reals, x => Assert.Null(gradients.Total(g.B, x)));
    }

    [Fact]
    public void Every_step_has_a_case()
    {
        var tested = StepCases.Zeros.Values.SelectMany(Written).ToHashSet();
        Assert.Empty(GradientRules.Zeros.Where(op => !tested.Contains(op)).Select(op => op.ToString()));
    }

    // The operators of a case that a wanted value leads to.
    static IEnumerable<Op> Written(Func<TestGraph, Value> write)
    {
        var g = new TestGraph(DataType.Float32, seed: 1);
        write(g);
        var active = g.Reals.ToHashSet();
        foreach (var node in g.B.Nodes)
        {
            if (node.Inputs.Any(v => v is not null && active.Contains(v)))
            {
                active.UnionWith(node.Outputs.OfType<Value>());
                yield return node.Op;
            }
        }
    }
}
