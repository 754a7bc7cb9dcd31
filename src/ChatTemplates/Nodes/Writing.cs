using System.Text;
using OrtDpo.ChatTemplates.Library;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Nodes;

sealed class TextStatement(string text) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        output.Append(text);
        return Flow.Next;
    }
}

/// <summary><c>{{ value }}</c></summary>
sealed class OutputStatement(Expression value) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        output.Append(PythonText.Of(value.Evaluate(scope)));
        return Flow.Next;
    }
}

/// <summary>A part with a scope of its own: <c>with</c>, and Hugging Face's <c>generation</c>, which marks what the model said.</summary>
sealed class ScopedStatement(IReadOnlyList<(Target Target, Expression Value)> names, Body body) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        var inner = scope.Open();
        foreach (var (target, value) in names)
        {
            target.Assign(inner, value.Evaluate(scope));
        }

        return body.Execute(inner, output);
    }
}

/// <summary><c>{% filter name %}…{% endfilter %}</c></summary>
sealed class FilterStatement(FilteredBody body) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        output.Append(PythonText.Of(body.Evaluate(scope)));
        return Flow.Next;
    }
}

/// <summary>What a part writes, and what filters make of it.</summary>
sealed class FilteredBody(Body body, IReadOnlyList<(Place Place, string Name, Filter Filter, ArgumentList Arguments)> filters)
{
    public object? Evaluate(Scope scope)
    {
        object? value = body.Render(scope.Open());
        foreach (var (place, name, filter, arguments) in filters)
        {
            value = filter(value, arguments.Evaluate(scope, place, $"the filter '{name}'"));
        }

        return value;
    }
}
