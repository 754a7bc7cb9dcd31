using System.Text;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Nodes;

/// <summary><c>{% macro name(a, b=default) %}…{% endmacro %}</c></summary>
sealed class MacroStatement(string name, IReadOnlyList<(string Name, Expression? Default)> parameters, Body body) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        scope[name] = new MacroValue(name, parameters, body, scope);
        return Flow.Next;
    }
}

/// <summary>A macro and the scope that it stands in. A call gives the text that its body writes.</summary>
sealed record MacroValue(string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters, Body Body, Scope Outer)
    : Callable($"the macro '{Name}'", given => throw given.Place.Lacks($"the macro '{Name}' as a value"))
{
    public string Call(Arguments given, Scope caller)
    {
        var values = given.Bind(required: 0, [.. Parameters.Select(p => p.Name)]);
        var scope = Outer.OpenCall(caller, given.Place);
        foreach (var ((name, standard), value) in Parameters.Zip(values))
        {
            scope[name] = value != Arguments.Absent ? value
                : standard is not null ? standard.Evaluate(scope)
                : new Undefined($"the parameter '{name}' of {given.Called} was not given");
        }

        return Body.Render(scope);
    }
}
