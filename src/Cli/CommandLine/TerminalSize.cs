using Spectre.Console;

namespace OrtDpo.Cli.CommandLine;

/// <summary>What a terminal has room for.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="IsUnicode">Whether it has more than ASCII.</param>
readonly record struct TerminalSize(int Width, int Height, bool IsUnicode)
{
    // Some terminals tell nothing, or zero.
    const int Usual = 80;
    const int UsualHeight = 24;

    /// <summary>That of Spectre's console, now.</summary>
    public static TerminalSize Of(Profile profile) => new(
        profile.Width > 0 ? profile.Width : Usual, profile.Height > 0 ? profile.Height : UsualHeight, profile.Capabilities.Unicode);
}
