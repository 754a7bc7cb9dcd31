using OrtDpo.DemoModel;
using OrtDpo.DemoModel.Text;
using OrtDpo.DemoModel.Topics;

var folder = args[0];
var corpus = Corpus.Write(Catalogue.Topics, Balance.Seed);
Directory.CreateDirectory(folder);
Jsonl.Write(Path.Combine(folder, "sft.jsonl.gz"), corpus.Supervised);
Jsonl.Write(Path.Combine(folder, "train.jsonl"), corpus.Train);
Jsonl.Write(Path.Combine(folder, "heldout.jsonl"), corpus.HeldOut);
Console.WriteLine($"{corpus.Supervised.Length} supervised rows, {corpus.Train.Length} training pairs, {corpus.HeldOut.Length} held-out pairs in {folder}");
