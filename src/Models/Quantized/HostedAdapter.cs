using System.Text.RegularExpressions;
using OrtDpo.Models.Import;

namespace OrtDpo.Models.Quantized;

/// <summary>Low-rank terms in a host's model: GenAI's model builder writes them beside the products, Olive as inputs.</summary>
static partial class HostedAdapter
{
    /// <summary>Refuses a file with terms: what is trained here would lie on the base alone.</summary>
    /// <exception cref="NotSupportedException">There are some.</exception>
    public static void Refuse(OnnxFile file)
    {
        var names = file.Graph.Node.Select(n => n.Name).Concat(file.Graph.Input.Select(i => i.Name)).Concat(file.Initializers.Keys);
        if (names.FirstOrDefault(name => Term().IsMatch(name)) is { } term)
        {
            throw new NotSupportedException($"{file.Path} holds an adapter beside its weights, such as '{term}'. Expected the base alone: "
                + "export it without the adapter (adapter_path).");
        }
    }

    [GeneratedRegex(@"(?:^|[/._])lora(?=[/._]|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Term();
}
