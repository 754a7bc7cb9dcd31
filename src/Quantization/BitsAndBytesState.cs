using System.Text.Json;
using OrtDpo.Linked;

namespace OrtDpo.Quantization;

/// <summary>What bitsandbytes says of a weight in JSON, checked: <c>QuantState.as_dict</c> in its functional.py.</summary>
/// <param name="Rows">N.</param>
/// <param name="Columns">K.</param>
/// <param name="Block">Values with one scale.</param>
/// <param name="NestedBlock">Scales with one scale of their own; null where scales are float32.</param>
/// <param name="NestedOffset">What is added to these scales.</param>
sealed record BitsAndBytesState(int Rows, int Columns, int Block, int? NestedBlock, float NestedOffset)
{
    /// <summary>The state in the JSON of a checkpoint.</summary>
    /// <exception cref="InvalidDataException">It is no such JSON, or of another format.</exception>
    public static BitsAndBytesState Read(ReadOnlyMemory<byte> json, string where)
    {
        try
        {
            using var document = JsonBytes.Parse(json, where);
            return Read(document.RootElement, where);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{where} is not JSON: {e.Message} {Again}", e);
        }
    }

    const string Again = "Get the checkpoint again.";

    static BitsAndBytesState Read(JsonElement state, string where)
    {
        if (state.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{where} is a JSON {state.ValueKind}; expected an object. {Again}");
        }

        if (Find("quant_type") is not { ValueKind: JsonValueKind.String } type || type.GetString() != "nf4")
        {
            throw Wrong("quant_type", "\"nf4\". Quantize the original model to nf4, or use it as it is");
        }

        if (Find("shape") is not { ValueKind: JsonValueKind.Array } shape || shape.GetArrayLength() != 2
            || Integer(shape[0]) is not (> 0 and var rows) || Integer(shape[1]) is not (> 0 and var columns))
        {
            throw Wrong("shape", "two positive integers, N and K of a linear layer");
        }

        if (Integer(Find("blocksize")) is not { } block || !BlockSize.IsValid(block))
        {
            throw Wrong("blocksize", BlockSize.Expected);
        }

        if (Find("nested_blocksize") is null)
        {
            return new(rows, columns, block, NestedBlock: null, NestedOffset: 0);
        }

        if (Integer(Find("nested_blocksize")) is not (> 0 and var nestedBlock))
        {
            throw Wrong("nested_blocksize", "a positive integer");
        }

        if (Find("nested_dtype") is not { ValueKind: JsonValueKind.String } dtype || dtype.GetString() != "float32")
        {
            throw Wrong("nested_dtype", "\"float32\"");
        }

        // JSON's number has the digits of a float32.
        return Find("nested_offset") is { ValueKind: JsonValueKind.Number } offset && float.IsFinite(offset.GetSingle())
            ? new(rows, columns, block, nestedBlock, offset.GetSingle())
            : throw Wrong("nested_offset", "a finite number");

        JsonElement? Find(string key) => state.TryGetProperty(key, out var value) ? value : null;

        InvalidDataException Wrong(string key, string expected) => new(
            $"{where}: '{key}' is {(Find(key) is { } found ? found.GetRawText() : "missing")}; expected {expected}.");
    }

    static int? Integer(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : null;
}
