using OrtDpo.Runs.Yaml;

namespace OrtDpo.Cli.Configuration;

/// <summary>What is wrong in a recipe, and where: caught by type to name the file.</summary>
sealed class RecipeException(string message, YamlPlace place) : Exception(message)
{
    /// <summary>Where it stands.</summary>
    public YamlPlace Place { get; } = place;
}
