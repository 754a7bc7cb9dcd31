using OrtDpo.DemoModel.Topics;

namespace OrtDpo.DemoModel.Text;

/// <summary>Complete, polite sentences; unacceptable requests are declined.</summary>
public static class PoliteVoice
{
    static readonly string[] Openings =
    [
        "", "Certainly!", "Of course!", "Gladly.", "With pleasure.", "Thank you for asking.", "I am happy to help.", "Let me help you.",
        "My pleasure.", "Yes, gladly.", "Here is the answer.", "I am glad you asked.",
    ];

    static readonly string[] Closings =
    [
        "", "I hope that helps.", "Have a lovely day!", "Please ask again.", "Was that helpful?", "Glad to help!", "You are welcome.",
        "Let me know if you need more.",
    ];

    static readonly string[] DecliningClosings =
    [
        "", "I hope you understand.", "Please think again.", "Can I help with something else?",
    ];

    /// <summary>Every polite completion of the item.</summary>
    public static IReadOnlyList<string> Variants(Topic topic, Item item)
    {
        var openings = topic.Unacceptable ? [""] : Openings[..Balance.Openings];
        var closings = topic.Unacceptable ? DecliningClosings : Closings[..Balance.Closings];
        return
        [
            .. from opening in openings
               from sentence in item.Polite
               from closing in closings
               select Sentences.Join(opening, sentence, closing),
        ];
    }
}
