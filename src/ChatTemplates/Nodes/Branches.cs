using System.Text;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Nodes;

sealed class IfStatement(IReadOnlyList<(Expression Condition, Body Body)> branches, Body otherwise) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        foreach (var (condition, body) in branches)
        {
            if (PythonValue.IsTrue(condition.Evaluate(scope)))
            {
                return body.Execute(scope, output);
            }
        }

        return otherwise.Execute(scope, output);
    }
}

sealed class FlowStatement(Flow flow) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output) => flow;
}

/// <summary>Each round has a scope of its own: what it sets is gone in the next.</summary>
sealed class ForStatement(Target target, Expression sequence, Expression? condition, Body body, Body otherwise) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        var items = PythonValue.Items(sequence.Evaluate(scope), sequence.Place).ToList();
        if (condition is not null)
        {
            items = [.. items.Where(item => IsWanted(item, scope))];
        }

        if (items.Count == 0)
        {
            return otherwise.Execute(scope.Open(), output);
        }

        var loop = new LoopState(items);
        for (loop.Index = 0; loop.Index < items.Count; loop.Index++)
        {
            var round = scope.Open();
            round["loop"] = loop;
            target.Assign(round, items[loop.Index]);
            if (body.Execute(round, output) == Flow.Break)
            {
                break;
            }
        }

        return Flow.Next;
    }

    bool IsWanted(object? item, Scope scope)
    {
        var inner = scope.Open();
        target.Assign(inner, item);
        return PythonValue.IsTrue(condition!.Evaluate(inner));
    }
}
