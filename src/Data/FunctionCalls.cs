using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>The names of functions that a conversation offers or calls: what a chat template that knows of them writes.</summary>
static class FunctionCalls
{
    /// <summary>The functions that are offered.</summary>
    /// <param name="tools">A list of functions, each by itself or in <c>function</c>.</param>
    internal static IEnumerable<string> Offered(JsonElement tools) =>
        tools.ValueKind == JsonValueKind.Array ? tools.EnumerateArray().Select(NameOf).OfType<string>() : [];

    /// <summary>The functions that a message calls, by <c>tool_calls</c> or the older <c>function_call</c>.</summary>
    internal static IEnumerable<string> CalledBy(JsonElement message)
    {
        var calls = message.TryGetProperty("tool_calls", out var several) && several.ValueKind == JsonValueKind.Array
            ? several.EnumerateArray().Select(NameOf)
            : [];
        return (message.TryGetProperty("function_call", out var single) ? calls.Append(NameOf(single)) : calls).OfType<string>();
    }

    static string? NameOf(JsonElement function)
    {
        var named = function.ValueKind == JsonValueKind.Object && function.TryGetProperty("function", out var inner)
            && inner.ValueKind == JsonValueKind.Object ? inner : function;
        return named.ValueKind == JsonValueKind.Object && named.TryGetProperty("name", out var name)
            && name.ValueKind == JsonValueKind.String
                ? name.GetString()
                : null;
    }
}
