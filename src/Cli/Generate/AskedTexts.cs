using OrtDpo.Data;
using OrtDpo.Generate;

namespace OrtDpo.Cli.Generate;

/// <summary>What <c>generate</c> was asked for.</summary>
sealed record AskedTexts(
    AskedModel Model, string? Prompt, string? File, ColumnNames? Columns, bool AsChat, string? System, TemplateOptions Template,
    AskedSampling Sampling, int Samples, bool Json)
{
    /// <summary>The prompts as a model reads them.</summary>
    public IReadOnlyList<PromptText> Prompts(TextModel model)
    {
        if (File is not null)
        {
            return PromptFile.Read(DataSource.FromPaths([File], Columns)[0], model.Template(Template), AsChat, System);
        }

        if (!AsChat)
        {
            return [new PromptText(Prompt!, IsRendered: false)];
        }

        var template = model.Template(Template);
        var written = template.Prompt([.. System is { } system ? new[] { ("system", system) } : [], ("user", Prompt!)]);
        template.RequireEffect();
        return [written];
    }
}
