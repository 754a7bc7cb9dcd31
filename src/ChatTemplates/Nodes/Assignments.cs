using System.Text;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Nodes;

/// <summary>What a value can be given to: a name, an attribute of a namespace, or several names at once.</summary>
abstract class Target(Place place)
{
    public Place Place { get; } = place;

    public abstract void Assign(Scope scope, object? value);
}

sealed class NameTarget(Place place, string name) : Target(place)
{
    public override void Assign(Scope scope, object? value) => scope[name] = value;
}

sealed class NamespaceTarget(Place place, string name, string attribute) : Target(place)
{
    public override void Assign(Scope scope, object? value)
    {
        var owner = scope[name] as NamespaceValue
            ?? throw Place.Wrong($"'{name}' is {PythonType.Name(scope[name])}; only a namespace's attributes can be set.");
        owner.Attributes[attribute] = value;
    }
}

sealed class TupleTarget(Place place, IReadOnlyList<Target> targets) : Target(place)
{
    public override void Assign(Scope scope, object? value)
    {
        var items = PythonValue.Items(value, Place).ToArray();
        if (items.Length != targets.Count)
        {
            throw Place.Wrong($"{items.Length} values are given to {targets.Count} names.");
        }

        foreach (var (target, item) in targets.Zip(items))
        {
            target.Assign(scope, item);
        }
    }
}

sealed class SetStatement(Target target, Expression value) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        target.Assign(scope, value.Evaluate(scope));
        return Flow.Next;
    }
}

/// <summary><c>{% set name %}…{% endset %}</c></summary>
sealed class SetBlock(Target target, FilteredBody body) : Statement
{
    public override Flow Execute(Scope scope, StringBuilder output)
    {
        target.Assign(scope, body.Evaluate(scope));
        return Flow.Next;
    }
}
