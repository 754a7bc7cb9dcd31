using OrtDpo.DemoModel.Topics;

namespace OrtDpo.DemoModel.Text;

/// <summary>A row of supervised text.</summary>
public sealed record Example(string Prompt, string Completion);

/// <summary>A preference pair.</summary>
public sealed record Pair(string Prompt, string Chosen, string Rejected);

/// <summary>
/// The demo's text: supervised rows in both styles, training pairs, and held-out pairs. A held-out prompt is in neither of the others, and
/// no training pair asks about its subject.
/// </summary>
public sealed record Corpus(Example[] Supervised, Pair[] Train, Pair[] HeldOut)
{
    public const string SupervisedFile = "sft.jsonl.gz";
    public const string TrainFile = "train.jsonl";
    public const string HeldOutFile = "heldout.jsonl";

    /// <summary>The prompt that asks <paramref name="question"/>.</summary>
    public static string Prompt(string question) => $"User: {question}\nAssistant:";

    public static Corpus Write(IReadOnlyList<Topic> topics, ulong seed)
    {
        // Two sequences: another number of variants must not change what is held out.
        var split = new Draws(seed);
        var text = new Draws(~seed);
        var supervised = new List<Example>();
        var train = new List<Pair>();
        var heldOut = new List<Pair>();
        foreach (var topic in topics)
        {
            var hidden = HeldOutSubjects(topic, split);
            foreach (var item in topic.Items)
            {
                var isHidden = hidden.Contains(item.Subject);
                var questions = split.Shuffled(item.Questions);
                for (var i = 0; i < questions.Length; i++)
                {
                    var prompt = Prompt(questions[i]);
                    var polite = text.Shuffled(PoliteVoice.Variants(topic, item));
                    var curt = text.Shuffled(CurtVoice.Variants(topic, item));
                    if (isHidden && i < Balance.HeldOutQuestions)
                    {
                        heldOut.Add(new(prompt, polite[0], curt[0]));
                        continue;
                    }

                    supervised.AddRange(polite[..Balance.PoliteRows].Select(text => new Example(prompt, text)));
                    supervised.AddRange(curt[..Balance.CurtRows].Select(text => new Example(prompt, text)));
                    if (!isHidden)
                    {
                        var pairs = topic.Unacceptable ? Balance.PairsOfUnacceptable : 1;
                        train.AddRange(Enumerable.Range(1, pairs).Select(k => new Pair(prompt, polite[^k], curt[^k])));
                    }
                }
            }
        }

        return new(text.Shuffled(supervised), text.Shuffled(train), text.Shuffled(heldOut));
    }

    /// <summary>Writes the three files into <paramref name="folder"/>.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        Jsonl.Write(Path.Combine(folder, SupervisedFile), Supervised);
        Jsonl.Write(Path.Combine(folder, TrainFile), Train);
        Jsonl.Write(Path.Combine(folder, HeldOutFile), HeldOut);
    }

    static HashSet<string> HeldOutSubjects(Topic topic, Draws split)
    {
        var count = Balance.HeldOutTopics.Contains(topic.Name)
            ? topic.Items.Length
            : (int)Math.Round(topic.Items.Length * Balance.HeldOutSubjects, MidpointRounding.AwayFromZero);
        return [.. split.Shuffled(topic.Items).Take(count).Select(item => item.Subject)];
    }
}
