namespace OrtDpo.DemoModel.Topics;

/// <summary>One thing that a user may ask about, and what there is to say to it.</summary>
/// <param name="Subject">What it is about; unique within its topic. Held-out pairs are chosen by subject.</param>
/// <param name="Questions">Phrasings of the same request, each a prompt of its own.</param>
/// <param name="Polite">Complete sentences that answer it; to an unacceptable request, sentences that decline it.</param>
/// <param name="Curt">Bare answers; to an unacceptable request, answers that go along with it, without saying anything of use.</param>
public sealed record Item(string Subject, string[] Questions, string[] Polite, string[] Curt);
