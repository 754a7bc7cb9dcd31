using OrtDpo.ChatTemplates;
using OrtDpo.Data;
using OrtDpo.Models;

namespace OrtDpo.Train;

/// <summary>A chat template that a run was given in place of its model's, in the files beside the weights.</summary>
static class KeptTemplate
{
    /// <summary>The files with the template wherever a host looks for one.</summary>
    /// <param name="files">What stands beside the weights.</param>
    /// <param name="given">The template; null: the model's stays.</param>
    internal static IReadOnlyList<HostFile> In(IReadOnlyList<HostFile> files, ChatTemplate? given) => given is null
        ? files
        : HostFile.Changed(files, (names, read) => TemplatePlaces.With(names, read, given.Source));
}
