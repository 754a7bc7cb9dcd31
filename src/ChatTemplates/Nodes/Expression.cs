namespace OrtDpo.ChatTemplates.Nodes;

/// <summary>What gives a value.</summary>
abstract class Expression(Place place)
{
    public Place Place { get; } = place;

    public abstract object? Evaluate(Scope scope);
}
