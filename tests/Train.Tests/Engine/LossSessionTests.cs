using OrtDpo.Objectives;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

[Trait("Speed", "native")]
public sealed class LossSessionTests
{
    static readonly LossScales OneRow = new(1, 1);

    // Threads of the whole test process, as the other tests start it.
    public LossSessionTests() => OrtProcess.Start(threads: 2);

    [Fact]
    public void A_small_change_of_a_long_completion_is_not_lost()
    {
        // In float32, 1000 nats have steps of 6e-5.
        using var loss = LossSession.Sigmoid(beta: 0.1);
        var values = loss.Evaluate(new LossInputs(1, [-1000 + 1e-6, -900], [300, 300], [-1000, -900], [], 0), OneRow);
        AssertClose(1e-7, values.Rewards[0], Tolerances.ThousandNats);
        Assert.Equal(0, values.Rewards[1]);
        AssertClose(Math.Log(2) - 0.5e-7, values.Loss, Tolerances.ThousandNats);
    }

    [Theory]
    [InlineData("ipo_sum")]
    [InlineData("sppo_hard")]
    public void Squares_of_extreme_divergences_stay_finite(string name)
    {
        // e^160 is no float32 number.
        using var loss = new LossSession(Objective.Parse(name, new ObjectiveOptions { FDivergence = "forward_kl" }));
        var values = loss.Evaluate(new LossInputs(1, [-1e4, -1], [9, 9], [-1, -1e4], [], 0), OneRow);
        Assert.True(double.IsFinite(values.Loss));
        Assert.Equal(2, values.Slopes.Length);
        Assert.All(values.Slopes, slope => Assert.True(float.IsFinite(slope)));
    }
}
