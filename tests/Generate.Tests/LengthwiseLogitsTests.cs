using OrtDpo.Models;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Generate.Tests;

/// <summary>A model with LongRoPE: one list of factors up to 8 positions, another beyond.</summary>
[Trait("Speed", "native")]
public sealed class LengthwiseLogitsTests
{
    static readonly long[] Ids = [3, 1, 4, 1, 5];

    [Fact]
    public void Logits_are_those_of_the_longest_that_a_sequence_may_become()
    {
        OrtProcess.Start(threads: 2);
        using var logits = new LengthwiseLogits(ModelFolder.Open(Repository.Find("tests", "golden", "families", "llama-longrope-long")));
        var beyond = logits.For(9)(Ids);
        var within = logits.For(8)(Ids);
        Assert.NotEqual(beyond, within);
        Assert.Equal(within, logits.For(5)(Ids));
        Assert.Equal(beyond, logits.For(24)(Ids));
    }
}
