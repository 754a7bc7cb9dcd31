using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Nodes;

sealed class Literal(Place place, object? value) : Expression(place)
{
    public override object? Evaluate(Scope scope) => value;
}

sealed class ListLiteral(Place place, IReadOnlyList<Expression> items) : Expression(place)
{
    public override object? Evaluate(Scope scope) => items.Select(i => i.Evaluate(scope)).ToList();
}

sealed class TupleLiteral(Place place, IReadOnlyList<Expression> items) : Expression(place)
{
    public override object? Evaluate(Scope scope) => items.Select(i => i.Evaluate(scope)).ToArray();
}

sealed class DictLiteral(Place place, IReadOnlyList<(Expression Key, Expression Value)> entries) : Expression(place)
{
    public override object? Evaluate(Scope scope)
    {
        var dict = new DictValue();
        foreach (var entry in entries)
        {
            var key = entry.Key.Evaluate(scope);
            dict.Set(
                DictValue.CanBeKey(key) ? key! : throw entry.Key.Place.Lacks($"a key of type {PythonType.Name(key)}"),
                entry.Value.Evaluate(scope));
        }

        return dict;
    }
}
