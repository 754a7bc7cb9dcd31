namespace OrtDpo.Objectives.Tests;

[Trait("Speed", "native")]
public sealed class LossGradientTests
{
    const double Step = 1e-6;

    public static TheoryData<string> Forms => new(EveryLoss.Forms);

    [Theory]
    [MemberData(nameof(Forms))]
    public void The_gradient_is_the_derivative_along_random_directions(string form)
    {
        const int Seed = 17;
        using var run = new LossRun(EveryLoss.Of(form));
        var batch = RandomBatch.Draw(Seed, rows: 6);
        var random = new Random(Seed);
        for (var trial = 0; trial < 3; trial++)
        {
            var direction = batch.Vectors["logps"].Select(_ => (2 * random.NextDouble()) - 1).ToArray();
            var derivative = (Loss(Step, direction) - Loss(-Step, direction)) / (2 * Step);
            var gradient = run.Run(batch.Vectors, batch.Scalars)["logps_grad"].Zip(direction, (g, v) => g * v).Sum();
            AssertClose(
                derivative, gradient, Tolerances.CentralDifference, relative: Tolerances.CentralDifference, $"gradient (seed {Seed})");
        }

        double Loss(double step, double[] direction)
        {
            var moved = batch.Vectors["logps"].Zip(direction, (x, v) => x + (step * v)).ToArray();
            return run.Run(new Dictionary<string, double[]>(batch.Vectors) { ["logps"] = moved }, batch.Scalars)["loss"][0];
        }
    }
}
