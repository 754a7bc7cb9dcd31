namespace OrtDpo.Autodiff.Building;

/// <summary>A tensor in a graph: compared by identity, named uniquely within its graph.</summary>
public sealed class Value
{
    internal Value(string name, DataType type, Shape shape)
    {
        Name = name;
        Type = type;
        Shape = shape;
    }

    public string Name { get; }

    public DataType Type { get; }

    public Shape Shape { get; }

    public override string ToString() => $"{Name}: {Type} {Shape}";
}
