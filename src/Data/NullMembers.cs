using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Data;

/// <summary>
/// Members that are null only because Arrow's structs have every member that any of them has: <c>tool_calls</c> of a message that calls
/// nothing, parameters of other functions. They are left out, as TRL leaves them out, since a template sees the difference.
/// </summary>
static class NullMembers
{
    /// <summary>The same without them, at any depth.</summary>
    /// <param name="value">A message, or the functions that a prompt offers.</param>
    /// <param name="kept">A member of <paramref name="value"/> itself that says something when it is null.</param>
    internal static JsonElement LeaveOut(JsonElement value, string? kept = null)
    {
        if (!Has(value, kept))
        {
            return value;
        }

        var node = JsonSerializer.SerializeToNode(value)!;
        Remove(node, kept);
        return JsonSerializer.SerializeToElement(node);
    }

    static bool Has(JsonElement value, string? kept) => value.ValueKind switch
    {
        JsonValueKind.Object =>
            value.EnumerateObject().Any(m => m.Value.ValueKind == JsonValueKind.Null ? m.Name != kept : Has(m.Value, null)),
        JsonValueKind.Array => value.EnumerateArray().Any(item => Has(item, null)),
        _ => false,
    };

    static void Remove(JsonNode? node, string? kept)
    {
        if (node is JsonObject members)
        {
            foreach (var name in members.Where(m => m.Value is null && m.Key != kept).Select(m => m.Key).ToList())
            {
                members.Remove(name);
            }
        }

        foreach (var child in node switch { JsonObject o => o.Select(m => m.Value), JsonArray a => a, _ => [] })
        {
            Remove(child, null);
        }
    }
}
