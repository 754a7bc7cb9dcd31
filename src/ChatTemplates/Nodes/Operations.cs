using OrtDpo.ChatTemplates.Library;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Nodes;

sealed class Not(Place place, Expression operand) : Expression(place)
{
    public override object? Evaluate(Scope scope) => !PythonValue.IsTrue(operand.Evaluate(scope));
}

/// <summary>As in Python, gives the operand that decided and not its truth.</summary>
sealed class AndOr(Place place, bool isAnd, Expression left, Expression right) : Expression(place)
{
    public override object? Evaluate(Scope scope)
    {
        var value = left.Evaluate(scope);
        return PythonValue.IsTrue(value) == isAnd ? right.Evaluate(scope) : value;
    }
}

/// <summary><c>value if condition else other</c>; without its else it is undefined where the condition is false.</summary>
sealed class Conditional(Place place, Expression condition, Expression value, Expression? other) : Expression(place)
{
    public override object? Evaluate(Scope scope) => PythonValue.IsTrue(condition.Evaluate(scope)) ? value.Evaluate(scope)
        : other is null ? new Undefined("a condition without 'else' was false and gave no value")
        : other.Evaluate(scope);
}

/// <summary><c>a &lt; b == c in d</c>: true where each neighbours' comparison is.</summary>
sealed class Comparison(Place place, Expression first, IReadOnlyList<(string Operator, Expression Operand)> rest) : Expression(place)
{
    public override object? Evaluate(Scope scope)
    {
        var left = first.Evaluate(scope);
        foreach (var (sign, operand) in rest)
        {
            var right = operand.Evaluate(scope);
            if (!Holds(sign, left, right))
            {
                return false;
            }

            left = right;
        }

        return true;
    }

    bool Holds(string sign, object? left, object? right) => sign switch
    {
        "==" => PythonOrder.Equals(left, right),
        "!=" => !PythonOrder.Equals(left, right),
        "<" => PythonOrder.Compare(left, right, Place) < 0,
        "<=" => PythonOrder.Compare(left, right, Place) <= 0,
        ">" => PythonOrder.Compare(left, right, Place) > 0,
        ">=" => PythonOrder.Compare(left, right, Place) >= 0,
        "in" => PythonOrder.Contains(right, left, Place),
        _ => !PythonOrder.Contains(right, left, Place),
    };
}

/// <summary><c>a ~ b ~ c</c>: each as text.</summary>
sealed class Concatenation(Place place, IReadOnlyList<Expression> parts) : Expression(place)
{
    public override object? Evaluate(Scope scope) => string.Concat(parts.Select(p => PythonText.Of(p.Evaluate(scope))));
}

sealed class BinaryOperation(Place place, string sign, Expression left, Expression right) : Expression(place)
{
    public override object? Evaluate(Scope scope) => Arithmetic.Binary(sign, left.Evaluate(scope), right.Evaluate(scope), Place);
}

sealed class Sign(Place place, bool isMinus, Expression operand) : Expression(place)
{
    public override object? Evaluate(Scope scope) => Arithmetic.Sign(isMinus, operand.Evaluate(scope), Place);
}
