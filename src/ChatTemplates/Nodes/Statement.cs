using System.Text;

namespace OrtDpo.ChatTemplates.Nodes;

/// <summary>What a statement asks of the loop around it.</summary>
enum Flow
{
    Next,
    Break,
    Continue,
}

/// <summary>What writes text or changes names.</summary>
abstract class Statement
{
    public abstract Flow Execute(Scope scope, StringBuilder output);
}

/// <summary>Statements one after the other; a break or continue ends them.</summary>
sealed class Body(IReadOnlyList<Statement> statements)
{
    public static readonly Body Empty = new([]);

    public Flow Execute(Scope scope, StringBuilder output)
    {
        foreach (var statement in statements)
        {
            var flow = statement.Execute(scope, output);
            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    /// <summary>What the statements write, in a scope of their own.</summary>
    public string Render(Scope scope)
    {
        var output = new StringBuilder();
        Execute(scope, output);
        return output.ToString();
    }
}
