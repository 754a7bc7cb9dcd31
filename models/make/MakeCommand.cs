using System.CommandLine;
using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.DemoModel.Model;
using OrtDpo.DemoModel.Text;
using OrtDpo.DemoModel.Topics;

namespace OrtDpo.DemoModel;

/// <summary>
/// Remakes the demo's data and model. Its <c>config.json</c> is written by hand; everything else follows from it and from the text.
/// </summary>
static class MakeCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The demo's folder, which holds config.json.", Required = true };
        var run = new Option<string>("--run") { Description = "A folder for the training run, which must not exist yet.", Required = true };
        var command = new Command("make", "Writes the demo's text, tokenizer and weights.") { model, run };
        command.SetStage(
            parse => (Model: parse.GetRequiredValue(model), Run: parse.GetRequiredValue(run)),
            (folders, output) => Make(folders.Model, folders.Run, output));
        return command;
    }

    static void Make(string model, string run, ProgramOutput output)
    {
        var corpus = Corpus.Write(Catalogue.Topics, Balance.Seed);
        var data = Path.Combine(model, "data");
        corpus.Save(data);
        output.WriteLine(
            $"{data}: {corpus.Supervised.Length} supervised rows, {corpus.Train.Length} training pairs, "
            + $"{corpus.HeldOut.Length} held-out pairs");

        var start = Directory.CreateDirectory(Path.Combine(run, "start")).FullName;
        File.Copy(Path.Combine(model, "config.json"), Path.Combine(start, "config.json"));
        SupervisedRecipe.TrainTokenizer(corpus).Write(start, SupervisedRecipe.EndOfText);
        InitialModel.Write(start, Balance.Seed);

        var trained = SupervisedRecipe.Train(start, Path.Combine(data, Corpus.SupervisedFile), Path.Combine(run, "sft"), output);
        foreach (var name in (string[])["tokenizer.json", "tokenizer_config.json", "model.safetensors"])
        {
            File.Copy(Path.Combine(trained, name), Path.Combine(model, name), overwrite: true);
        }

        var declined = Catalogue.Topics.Where(t => t.Unacceptable)
            .SelectMany(t => t.Items).SelectMany(i => i.Questions).Select(Corpus.Prompt).ToHashSet();
        Report("held-out pairs", corpus.HeldOut);
        Report("of them answers", corpus.HeldOut.Where(pair => !declined.Contains(pair.Prompt)));
        Report("of them declines", corpus.HeldOut.Where(pair => declined.Contains(pair.Prompt)));

        void Report(string name, IEnumerable<Pair> pairs)
        {
            var figures = HeldOutFigures.Measure(model, pairs);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {figures["eval_pairs"]}, preference accuracy {figures["eval_preference_accuracy"]:0.000}"));
        }
    }
}
