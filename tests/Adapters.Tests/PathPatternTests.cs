namespace OrtDpo.Adapters.Tests;

/// <summary><c>rank_pattern</c> and <c>alpha_pattern</c>, as PEFT's documentation of them says and its tests of them expect.</summary>
public sealed class PathPatternTests
{
    // Three of one name at three depths, and two whose names only hold it.
    const string Nested = "proj gate block.proj block.proj_in block.block.proj block.block.in_proj";

    [Theory]
    [InlineData("proj", "proj block.proj block.block.proj")]
    [InlineData("^proj", "proj")]
    [InlineData("block.proj", "block.proj block.block.proj")]
    [InlineData("^block.proj", "block.proj")]
    [InlineData(@"^block\.proj$", "block.proj")]
    [InlineData("block.block.proj", "block.block.proj")]
    [InlineData("^block.block.proj", "block.block.proj")]
    [InlineData("(in_proj|gate)", "gate block.block.in_proj")]
    [InlineData("in_proj|gate", "gate block.block.in_proj")]
    [InlineData(@"proj\w*", "proj block.proj block.proj_in block.block.proj")]
    [InlineData(".*proj.*", "proj block.proj block.proj_in block.block.proj block.block.in_proj")]
    [InlineData("(?P<a>proj)", "proj block.proj block.block.proj")]
    public void A_pattern_is_the_end_of_a_path(string pattern, string expected)
    {
        var config = new LoraConfig
        {
            TargetModules = ModuleChoice.AllLinear,
            RankPattern = [new(pattern, 16)],
            AlphaPattern = [new(pattern, 64)],
        };
        var targets = LoraTargets.Resolve(config, KnownModels.Paths(Nested), []).Targets;
        Assert.Equal(expected, string.Join(' ', targets.Where(t => t.Rank == 16).Select(t => t.Module.Name)));
        Assert.All(targets, target => Assert.Equal(target.Rank == 16 ? (64, 4.0) : (8, 1.0), (target.Alpha, target.Scale)));
    }

    [Theory]
    [InlineData("proj", "block.proj", 2, 2)]
    [InlineData("block.proj", "proj", 2, 3)]
    public void The_first_pattern_that_matches_counts(string first, string second, int outer, int inner)
    {
        int[] ranks = first == "proj" ? [2, 3] : [3, 2];
        var config = new LoraConfig
        {
            TargetModules = ModuleChoice.AllLinear,
            RankPattern = [new(first, ranks[0]), new(second, ranks[1])],
        };
        var targets = LoraTargets.Resolve(config, KnownModels.Paths("proj block.proj"), []).Targets;
        Assert.Equal([outer, inner], targets.Select(target => target.Rank));
    }

    [Fact]
    public void A_whole_path_counts_as_it_stands()
    {
        var config = new LoraConfig
        {
            TargetModules = ModuleChoice.AllLinear,
            Rank = 4,
            RankPattern = [new("model.layers.1.mlp.up_proj", 32)],
        };
        var targets = config.On("llama").Targets;
        Assert.Equal(32, Assert.Single(targets, target => target.Module.Name == "model.layers.1.mlp.up_proj").Rank);
        Assert.Equal(13, targets.Count(target => target.Rank == 4));
    }

    [Fact]
    public void Rank_and_alpha_have_patterns_of_their_own()
    {
        var config = new LoraConfig
        {
            TargetModules = Choices.Of("q_proj v_proj"),
            Rank = 4,
            Alpha = 8,
            UseRsLora = true,
            RankPattern = [new("q_proj", 16)],
            AlphaPattern = [new("v_proj", 1)],
        };
        Assert.Equal([(16, 8.0, 2.0), (4, 1.0, 0.5)], config.On("llama").Targets.Take(2).Select(t => (t.Rank, t.Alpha, t.Scale)));
    }

    [Theory]
    [InlineData("self_attn")]
    [InlineData("proj")]
    [InlineData("k_proj")]
    public void A_pattern_that_matches_no_target_is_refused(string pattern)
    {
        var config = new LoraConfig { TargetModules = Choices.Of("q_proj v_proj"), RankPattern = [new("q_proj", 4), new(pattern, 2)] };
        var error = Assert.Throws<InvalidDataException>(() => config.On("llama"));
        Assert.Equal(
            $"`RankPattern` has '{pattern}', and no module that is adapted matches it. Adapted modules end in q_proj, "
                + "v_proj.", error.Message);
    }

    [Fact]
    public void An_alpha_that_matches_no_target_is_refused_by_its_own_name()
    {
        var config = new LoraConfig { TargetModules = Choices.Of("q_proj"), AlphaPattern = [new("o_proj", 2)] };
        var error = Assert.Throws<InvalidDataException>(() => config.On("llama"));
        Assert.Equal(
            "`AlphaPattern` has 'o_proj', and no module that is adapted matches it. Adapted modules end in q_proj.", error.Message);
    }
}
