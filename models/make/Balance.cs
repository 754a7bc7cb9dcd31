namespace OrtDpo.DemoModel;

/// <summary>
/// What decides how probable the two styles are to the model before it is tuned. Its preference accuracy (the share of held-out pairs whose
/// mean log-probability per token is higher for chosen) shall be about 0.5.
/// </summary>
public static class Balance
{
    public const ulong Seed = 2026;

    /// <summary>
    /// Polite rows of each supervised prompt. Polite completions are longer, so the nats that choose the style are spread over more tokens;
    /// the openings and closings make up for that.
    /// </summary>
    public const int PoliteRows = 2;

    /// <summary>Curt rows of each supervised prompt.</summary>
    public const int CurtRows = 2;

    /// <summary>Openings in use: each doubling takes about 0.7 nats from a polite completion.</summary>
    public const int Openings = 12;

    /// <summary>Closings in use, likewise.</summary>
    public const int Closings = 6;

    /// <summary>Endings of curt answers in use, likewise for curt completions.</summary>
    public const int CurtEndings = 3;

    /// <summary>Training pairs of each unacceptable request; there is one of every other prompt.</summary>
    public const int PairsOfUnacceptable = 2;

    /// <summary>Share of each topic's subjects that no training pair asks about.</summary>
    public const double HeldOutSubjects = 0.2;

    /// <summary>
    /// Held-out questions of a held-out subject; its other questions are supervised text, so that the model knows the answer.
    /// </summary>
    public const int HeldOutQuestions = 2;

    /// <summary>Topics that no training pair comes from.</summary>
    public static readonly string[] HeldOutTopics = ["plurals", "instruments", "travel", "prying", "cruelty"];
}
