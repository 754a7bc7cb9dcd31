using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Apache.Arrow;

namespace OrtDpo.Data;

/// <summary>Writes values of Arrow's arrays as JSON.</summary>
static class ArrowValue
{
    /// <exception cref="InvalidDataException">A text is not UTF-8.</exception>
    /// <exception cref="JsonException">A text that should be JSON is none.</exception>
    internal static void Write(Utf8JsonWriter writer, ArrowField field, IArrowArray array, int index)
    {
        if (array.IsNull(index))
        {
            writer.WriteNullValue();
            return;
        }

        switch (array)
        {
            case StringArray texts:
                WriteText(writer, field, texts.GetBytes(index));
                break;
            case LargeStringArray texts:
                WriteText(writer, field, texts.GetBytes(index));
                break;
            case StringViewArray texts:
                WriteText(writer, field, texts.GetBytes(index));
                break;
            case DictionaryArray coded:
                Write(writer, field, coded.Dictionary, Code(coded.Indices, index));
                break;
            case BooleanArray flags:
                writer.WriteBooleanValue(flags.GetValue(index)!.Value);
                break;
            case StructArray members:
                WriteMembers(writer, field, members, index);
                break;
            case ListArray list:
                WriteItems(writer, field, list.Values, list.ValueOffsets[index], list.ValueOffsets[index + 1]);
                break;
            case LargeListArray list:
                WriteItems(writer, field, list.Values, checked((int)list.ValueOffsets[index]), checked((int)list.ValueOffsets[index + 1]));
                break;
            case FixedSizeListArray list:
                var length = ((Apache.Arrow.Types.FixedSizeListType)list.Data.DataType).ListSize;
                WriteItems(writer, field, list.Values, (list.Offset + index) * length, (list.Offset + index + 1) * length);
                break;
            default:
                WriteNumber(writer, array, index);
                break;
        }
    }

    static void WriteMembers(Utf8JsonWriter writer, ArrowField field, StructArray members, int index)
    {
        writer.WriteStartObject();
        foreach (var part in field.Parts)
        {
            writer.WritePropertyName(part.Name);
            Write(writer, part, members.Fields[part.Index], index);
        }

        writer.WriteEndObject();
    }

    static void WriteItems(Utf8JsonWriter writer, ArrowField field, IArrowArray items, int from, int to)
    {
        writer.WriteStartArray();
        for (var i = from; i < to; i++)
        {
            Write(writer, field.Parts[0], items, i);
        }

        writer.WriteEndArray();
    }

    static void WriteText(Utf8JsonWriter writer, ArrowField field, ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            throw new InvalidDataException($"a text of column '{field.Path}' is not valid UTF-8");
        }

        if (field.IsJson)
        {
            JsonCell.Write(writer, field.Path, Encoding.UTF8.GetString(text));
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }

    static void WriteNumber(Utf8JsonWriter writer, IArrowArray array, int index)
    {
        switch (array)
        {
            case UInt64Array numbers:
                writer.WriteNumberValue(numbers.Values[index]);
                break;
            case HalfFloatArray numbers:
                WriteFinite(writer, (double)numbers.Values[index]);
                break;
            case FloatArray numbers when float.IsFinite(numbers.Values[index]):
                writer.WriteNumberValue(numbers.Values[index]);
                break;
            case FloatArray:
                writer.WriteNullValue();
                break;
            case DoubleArray numbers:
                WriteFinite(writer, numbers.Values[index]);
                break;
            default:
                writer.WriteNumberValue(Whole(array, index));
                break;
        }
    }

    // JSON has no infinities.
    static void WriteFinite(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    static int Code(IArrowArray codes, int index) => checked((int)Whole(codes, index));

    static long Whole(IArrowArray array, int index) => array switch
    {
        Int8Array numbers => numbers.Values[index],
        Int16Array numbers => numbers.Values[index],
        Int32Array numbers => numbers.Values[index],
        Int64Array numbers => numbers.Values[index],
        UInt8Array numbers => numbers.Values[index],
        UInt16Array numbers => numbers.Values[index],
        UInt32Array numbers => numbers.Values[index],
        UInt64Array numbers => checked((long)numbers.Values[index]),
        _ => throw new InvalidOperationException($"An array of {array.Data.DataType.Name} was read as whole numbers."),
    };
}
