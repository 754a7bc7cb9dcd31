using OrtDpo.Cli.CommandLine;
using OrtDpo.Data;
using OrtDpo.DemoModel.Text;
using OrtDpo.Runs;
using OrtDpo.Tokenizers.Training;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.DemoModel.Model;

/// <summary>How the demo model learns its text.</summary>
static class SupervisedRecipe
{
    public const string EndOfText = "<|endoftext|>";

    // Fixed: the order of additions, and so the last bits of the weights, depend on it.
    public const int Threads = 2;

    const int VocabularySize = 1024;

    static readonly TrainingOptions Options = new()
    {
        LearningRate = 4e-3f,
        WarmupRatio = 0.05,
        Epochs = 8,
        BatchPairs = 32,
        SaveSteps = 1000,
        Seed = Balance.Seed,
        // With the schedule of when the shipped weights were made, so that they are made again.
        Optimization = new OptimizationOptions { IsFormer = true },
    };

    public static TrainedTokenizer TrainTokenizer(Corpus corpus) =>
        BpeTrainer.Train(corpus.Supervised.Select(row => row.Prompt + row.Completion), VocabularySize, [EndOfText]);

    /// <summary>Trains the model in <paramref name="start"/> into the run folder <paramref name="run"/>.</summary>
    /// <returns>The folder of the last checkpoint.</returns>
    public static string Train(string start, string data, string run, ProgramOutput output)
    {
        var settings = new TrainRequest
        {
            Model = start, Out = run, Loss = LossChoice.Supervised, Options = Options, Threads = Threads,
            Memory = ActivationMemory.Keep, Resume = false,
        };
        DataTraining.Run("sft", settings, new DataSettings { Files = DataSource.FromPaths([data]) }, told =>
        {
            if (told is TrainEvent.Loop { Told: TrainingEvent.Evaluated evaluated })
            {
                output.WriteLine(
                    FormattableString.Invariant($"step {evaluated.Step}: held-out loss {evaluated.Metrics["eval_loss"]:0.0000}"));
            }
        });
        var checkpoints = new Checkpoints(run);
        return checkpoints.PathOf(checkpoints.Steps()[^1]);
    }
}
