using OrtDpo.Runtime.Models;

namespace OrtDpo.Train.Tests.Engine;

[Trait("Speed", "native")]
public sealed class BatchInvarianceTests
{
    const int Trials = 8;

    public static TheoryData<string> Families => [.. GoldenFamily.Families];

    [Theory]
    [MemberData(nameof(Families))]
    public void In_float_padding_order_and_packing_move_log_probabilities_by_rounding_only(string family)
    {
        using var scorer = DecoderScorer.Load(Repository.Find("tests", "golden", "families", family), threads: 2);
        var invariances = new BatchInvariances(
            batch => [.. scorer.Score(batch).Select(logp => (double)logp)],
            perToken: Tolerances.GateToken, perSequence: Tolerances.GateSequence);
        for (var seed = 1; seed <= Trials; seed++)
        {
            invariances.Hold(seed);
        }
    }
}
