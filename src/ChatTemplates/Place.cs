namespace OrtDpo.ChatTemplates;

/// <summary>Where something stands in a template, so that what is wrong can be named with its place.</summary>
/// <param name="Template">How messages name the template: its file.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
readonly record struct Place(string Template, int Line, int Column)
{
    /// <summary>The template, or what it is given, is wrong here.</summary>
    public InvalidDataException Wrong(string what) => new($"{this}: {what}");

    /// <summary>The template refuses here what it is given.</summary>
    public TemplateRefusalException Refused(string what) => new($"{this}: {what}");

    /// <summary>Jinja has this and the interpreter does not.</summary>
    public NotSupportedException Lacks(string what) =>
        new($"{this}: {what} is not supported. Change the template so that it does without.");

    public override string ToString() => FormattableString.Invariant($"{Template} line {Line} column {Column}");
}
