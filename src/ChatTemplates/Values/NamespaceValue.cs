namespace OrtDpo.ChatTemplates.Values;

/// <summary>What <c>namespace</c> gives: the only thing whose attributes a template can set, from any scope.</summary>
sealed class NamespaceValue
{
    public Dictionary<string, object?> Attributes { get; } = [];
}
