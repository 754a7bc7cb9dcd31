using System.CommandLine;

namespace OrtDpo.Cli.CommandLine;

/// <summary>How a recipe may write an option whose value is one text on the command line, and several things in that.</summary>
/// <param name="IsList">As a list, in place of parts with a comma between them.</param>
/// <param name="Joint">As a mapping, in place of such parts of a name and a value with this between them; null: not so.</param>
/// <param name="IsObject">As a mapping, in place of a JSON object.</param>
readonly record struct WrittenForms(bool IsList = false, string? Joint = null, bool IsObject = false)
{
    /// <summary>As one text alone.</summary>
    public static WrittenForms None => default;
}

/// <summary>Says of options how a recipe may write them.</summary>
static class WrittenFormsOfOptions
{
    /// <summary>Its value is parts with a comma between them: a recipe may write a list.</summary>
    public static TOption Listed<TOption>(this TOption option)
        where TOption : Option => option.With(forms => forms with { IsList = true });

    /// <summary>Its value is such parts of a name and a value: a recipe may write a mapping.</summary>
    public static TOption Paired<TOption>(this TOption option, string joint = "=")
        where TOption : Option => option.With(forms => forms with { Joint = joint });

    /// <summary>Its value is a JSON object: a recipe may write a mapping.</summary>
    public static TOption AnObject<TOption>(this TOption option)
        where TOption : Option => option.With(forms => forms with { IsObject = true });

    static TOption With<TOption>(this TOption option, Func<WrittenForms, WrittenForms> more)
        where TOption : Option => option.Knowing(facts => facts with { Forms = more(facts.Forms) });
}
