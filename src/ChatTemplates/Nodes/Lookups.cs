using OrtDpo.ChatTemplates.Library;

namespace OrtDpo.ChatTemplates.Nodes;

sealed class NameLookup(Place place, string name) : Expression(place)
{
    public string Name => name;

    public override object? Evaluate(Scope scope) => scope[name];
}

/// <summary><c>value.name</c></summary>
sealed class AttributeLookup(Place place, Expression owner, string name) : Expression(place)
{
    public override object? Evaluate(Scope scope) => Members.Attribute(owner.Evaluate(scope), name, Place);
}

/// <summary><c>value[key]</c></summary>
sealed class ItemLookup(Place place, Expression owner, Expression key) : Expression(place)
{
    public override object? Evaluate(Scope scope) => Members.Item(owner.Evaluate(scope), key.Evaluate(scope), Place);
}

/// <summary><c>value[start:stop:step]</c></summary>
sealed class SliceLookup(Place place, Expression owner, Expression? start, Expression? stop, Expression? step) : Expression(place)
{
    public override object? Evaluate(Scope scope) =>
        Slices.Of(owner.Evaluate(scope), start?.Evaluate(scope), stop?.Evaluate(scope), step?.Evaluate(scope), Place);
}
