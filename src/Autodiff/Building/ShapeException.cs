namespace OrtDpo.Autodiff.Building;

/// <summary>
/// The shapes, types or attributes that an operator was given do not fit together. Whoever writes a graph of somebody else's numbers
/// reports it as theirs; in a graph of our own it is a fault of the program.
/// </summary>
public sealed class ShapeException(string message) : ArgumentException(message);
