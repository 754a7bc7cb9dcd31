using OrtDpo.Objectives;
using OrtDpo.Runs;

namespace OrtDpo.Train.Tests;

public sealed class LossChoiceTests
{
    // Within the range of every number, and nobody's default.
    const double Value = 0.3;

    public static TheoryData<string> Numbers => [.. Modifier.All.Select(modifier => modifier.Property)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Every_number_of_an_objective_comes_back_from_the_configuration_of_its_run(string property)
    {
        var modifier = Modifier.All.Single(m => m.Property == property);
        var given = modifier.With(
            new ObjectiveOptions { FDivergence = modifier.Flag == Modifiers.FDivergence ? "alpha_divergence" : null }, Value);
        var choice = Objective.Known.Select(known => Of(known.Name, given)).First(made => made is not null)!;

        using var folder = new TemporaryFolder();
        var config = new RunConfig();
        choice.AddTo(config);
        config.Write(folder.Path);
        var found = LossChoice.FromConfig(RunConfig.ReadFrom(folder.Path));

        Assert.Equal(Value, modifier.Of(found.Given));
        Assert.Equal(choice.Objective.Scalars, found.Objective.Scalars);
        Assert.Equal(choice.Objective.LdAlpha, found.Objective.LdAlpha);
    }

    static LossChoice? Of(string loss, ObjectiveOptions given)
    {
        try
        {
            return new LossChoice(loss, given);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
