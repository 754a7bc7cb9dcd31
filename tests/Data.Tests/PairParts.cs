using OrtDpo.Batches;

namespace OrtDpo.Data.Tests;

/// <summary>The parts of a row of one or two completions by the names that its columns have.</summary>
static class PairParts
{
    extension(ExampleText row)
    {
        public string Chosen => row.Completions[0];

        public string? Rejected => row.Completions.ElementAtOrDefault(1);

        public (string, long, string, string, Judgement, double?, DropReason?, string?) Facts =>
            (
                row.Source, row.SourceRow, row.Prompt, string.Join('\0', row.Completions),
                row.Known, row.ScoreRatio, row.Unusable, row.Refusal);

        public bool? Desirable => (row.Known as Judgement.Label)?.IsDesirable;
    }

    extension(Example row)
    {
        public int[] Chosen => row.Completions[0];

        public int[] Rejected => row.Completions[1];
    }

    extension(EncodedExample row)
    {
        public int ChosenCut => row.Cut[0];

        public int RejectedCut => row.Cut.ElementAtOrDefault(1);
    }
}
