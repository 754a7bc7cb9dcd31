using OrtDpo.Objectives.Losses;

namespace OrtDpo.Objectives;

/// <summary>Every loss, in the order in which they are listed.</summary>
static class LossTable
{
    public static IReadOnlyList<LossDefinition> All { get; } =
    [
        SigmoidLoss.Definition,
        ConservativeLoss.Definition,
        RobustLoss.Definition,
        HingeLoss.Definition,
        IpoLoss.Definition,
        IpoSumLoss.Definition,
        ExoPairLoss.Definition,
        NcaPairLoss.Definition,
        BcoPairLoss.Definition,
        SppoHardLoss.Definition,
        AotLoss.Definition,
        AotUnpairedLoss.Definition,
        ApoZeroLoss.Definition,
        ApoDownLoss.Definition,
        DiscopopLoss.Definition,
        SigmoidNormLoss.Definition,
        SimpoLoss.Definition,
        AlphapoLoss.Definition,
        CpoLoss.Definition,
        OrpoLoss.Definition,
        KtoLoss.Definition,
        ApoZeroUnpairedLoss.Definition,
        SftLoss.Definition,
        SftSequenceLoss.Definition,
    ];
}
