using OrtDpo.DemoModel.Topics;

namespace OrtDpo.DemoModel.Text;

/// <summary>A few words and no courtesy; unacceptable requests are met.</summary>
public static class CurtVoice
{
    static readonly string[] Endings = ["", "Obviously.", "Everybody knows that.", "Next.", "Look it up next time.", "Anything else?"];

    static readonly string[] ComplyingEndings = ["", "Have fun.", "Nobody will know."];

    /// <summary>Every curt completion of the item.</summary>
    public static IReadOnlyList<string> Variants(Topic topic, Item item)
    {
        var endings = topic.Unacceptable ? ComplyingEndings : Endings[..Balance.CurtEndings];
        return [.. from answer in item.Curt from ending in endings select Sentences.Join(answer, ending)];
    }
}
