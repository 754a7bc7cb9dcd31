using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Tests.Checkpoints;

public sealed class CheckpointRulesTests
{
    static readonly TensorSource W = SampleCheckpoint.Floats("w", [2], 1);

    [Fact]
    public void What_fits_together_is_no_fault()
    {
        Assert.Null(CheckpointRules.Fault(SampleCheckpoint.Whole));
        Assert.Null(CheckpointRules.Fault(SampleCheckpoint.Small with { Groups = [new(OptimizerGroup.DefaultName, 0, 0.001f, [])] }));
    }

    [Fact]
    public void A_name_stands_for_one_parameter() =>
        Fault("two parameters are called 'w'. Give each a name of its own.", new([W], [W]));

    [Theory]
    [InlineData(WeightType.F16)]
    [InlineData(WeightType.BF16)]
    public void Floats_of_16_bits_are_refused(WeightType type) => Fault(
        $"parameter 'h' is {type}, saved as {type}; checkpoints hold F32 (and F64, whole numbers, BOOL), unchanged. Widen floats of 16 "
        + "bits.", new([], [SampleCheckpoint.Of("h", type, [1], new byte[2])]));

    [Fact]
    public void Numbers_are_not_narrowed() => Fault(
        "parameter 'w' is F32, saved as BF16; checkpoints hold F32 (and F64, whole numbers, BOOL), unchanged. Widen floats of 16 bits.",
        new([W with { SavedAs = WeightType.BF16 }], []));

    [Theory]
    [InlineData(-1L, 4L)]
    [InlineData(1L << 40, 1L << 40)]
    public void A_shape_that_no_tensor_has_is_refused(long rows, long columns) => Fault(
        $"parameter 'x' has the shape [{rows}, {columns}], which no tensor has. Give its dimensions.",
        new([], [new TensorSource("x", WeightType.F32, [rows, columns], 0)]));

    [Fact]
    public void A_group_covers_every_parameter_that_trains() => Fault(
        "optimizer group 'group0' has no state of 'w', which trains. Give one for every parameter that trains.",
        new([W, SampleCheckpoint.Floats("v", [1], 0)], []) { Groups = [Group(new ParameterMoments("v", [Moment([1])]))] });

    [Fact]
    public void A_group_has_states_of_what_trains_alone() => Fault(
        "optimizer group 'group0' has a state of 'frozen', which does not train. Leave it out.",
        new([W], [SampleCheckpoint.Floats("frozen", [2], 0)]) { Groups = [Group(new ParameterMoments("frozen", [Moment([2])]))] });

    [Fact]
    public void Moments_are_of_their_parameters_shape() => Fault(
        "'momentum0' of 'w' is F32 [3]; expected F32 [2], as the parameter.",
        new([W], []) { Groups = [Group(new ParameterMoments("w", [Moment([3])]))] });

    [Fact]
    public void A_moment_stands_once() => Fault(
        "two moments of 'w' are called 'momentum0'. Give each a name of its own.",
        new([W], []) { Groups = [Group(new ParameterMoments("w", [Moment([2]), Moment([2])]))] });

    [Fact]
    public void A_step_before_the_first_is_refused() => Fault(
        "optimizer group 'group0' stands at step -1. Give 0 or more.", new([W], []) { Groups = [Group() with { Step = -1 }] });

    [Fact]
    public void A_nominal_one_has_no_moments() => Fault(
        "optimizer group 'group0' is in a nominal checkpoint, which has no numbers. Leave the group out.",
        new([W], []) { IsNominal = true, Groups = [Group()] });

    [Fact]
    public void A_property_has_one_value() => Fault(
        "two properties are called 'x'. Give each a name of its own.",
        new([W], [])
        {
            Properties = new()
            {
                Ints = new Dictionary<string, long> { ["x"] = 1 }, Strings = new Dictionary<string, string> { ["x"] = "1" },
            },
        });

    static OptimizerGroup Group(params ParameterMoments[] states) => new(OptimizerGroup.DefaultName, 1, 0.001f, states);

    static TensorSource Moment(long[] shape) => SampleCheckpoint.Floats(ParameterMoments.First, shape, 0);

    static void Fault(string sentence, OnDeviceCheckpoint checkpoint) => Assert.Equal(sentence, CheckpointRules.Fault(checkpoint));
}
