using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Export;

/// <summary>What a host cannot do with an export, for people.</summary>
static class NoteLines
{
    public static void Tell(IEnumerable<string> notes, ProgramOutput output)
    {
        foreach (var note in notes)
        {
            output.WriteLine($"note: {note}");
        }
    }
}
