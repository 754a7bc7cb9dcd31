using OrtDpo.ChatTemplates.Library;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Nodes;

/// <summary>The arguments as they are written.</summary>
sealed record ArgumentList(IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named)
{
    public static readonly ArgumentList Empty = new([], []);

    public Arguments Evaluate(Scope scope, Place place, string called) => new(
        place,
        called,
        [.. Positional.Select(p => p.Evaluate(scope))],
        Named.ToDictionary(n => n.Name, n => n.Value.Evaluate(scope), StringComparer.Ordinal));
}

sealed class Call(Place place, Expression callee, ArgumentList arguments) : Expression(place)
{
    public override object? Evaluate(Scope scope)
    {
        var callable = PythonValue.Defined(callee.Evaluate(scope), Place) switch
        {
            Callable found => found,
            LoopState => throw Place.Lacks("a recursive loop"),
            var other => throw Place.Wrong($"a value of type {PythonType.Name(other)} cannot be called."),
        };
        var given = arguments.Evaluate(scope, Place, callable.Name);
        return callable is MacroValue macro ? macro.Call(given, scope) : callable.Function(given);
    }
}

/// <summary><c>value | name(arguments)</c></summary>
sealed class FilterCall(Place place, Expression value, string name, Filter filter, ArgumentList arguments) : Expression(place)
{
    public override object? Evaluate(Scope scope) =>
        filter(value.Evaluate(scope), arguments.Evaluate(scope, Place, $"the filter '{name}'"));
}

/// <summary><c>value is name arguments</c></summary>
sealed class TestCall(Place place, Expression value, string name, Test test, ArgumentList arguments) : Expression(place)
{
    public override object? Evaluate(Scope scope) =>
        test(value.Evaluate(scope), arguments.Evaluate(scope, Place, $"the test '{name}'"));
}
