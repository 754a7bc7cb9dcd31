namespace OrtDpo.DemoModel.Text;

static class Sentences
{
    /// <summary>The sentences that are not empty, as a completion: a space stands before each.</summary>
    public static string Join(params string[] sentences) => string.Concat(sentences.Where(s => s.Length > 0).Select(s => " " + s));
}
