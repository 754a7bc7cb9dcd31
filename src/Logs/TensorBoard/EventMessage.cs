using Google.Protobuf;

namespace OrtDpo.Logs.TensorBoard;

/// <summary>
/// The few messages of TensorFlow's <c>event.proto</c>, <c>summary.proto</c> and <c>tensor.proto</c> that a run needs, by their field
/// numbers: generated code for all of them has eight thousand lines.
/// </summary>
static class EventMessage
{
    const int DataTypeString = 7;
    const int DataClassTensor = 2;
    const int SessionStart = 1;

    /// <summary>The first record of every file.</summary>
    public static byte[] FileVersion(double wallTime) => Event(wallTime, step: 0, output =>
    {
        Text(output, 3, "brain.Event:2");
        Nested(output, 10, source => Text(source, 1, "ortdpo"));
    });

    /// <summary>A session begins: readers forget what earlier files of the folder have of <paramref name="step"/> and later ones.</summary>
    public static byte[] Start(double wallTime, long step) =>
        Event(wallTime, step, output => Nested(output, 7, session => Number(session, 1, SessionStart)));

    /// <summary>Numbers of one step, by tag.</summary>
    public static byte[] Scalars(double wallTime, long step, IEnumerable<(string Tag, float Value)> scalars) =>
        Event(wallTime, step, output => Nested(output, 5, summary =>
        {
            foreach (var (tag, value) in scalars)
            {
                Nested(summary, 1, scalar =>
                {
                    Text(scalar, 1, tag);
                    scalar.WriteTag(2, WireFormat.WireType.Fixed32);
                    scalar.WriteFloat(value);
                });
            }
        }));

    /// <summary>A text, which TensorBoard shows as Markdown.</summary>
    public static byte[] Markdown(double wallTime, long step, string tag, string markdown) =>
        Event(wallTime, step, output => Nested(output, 5, summary => Nested(summary, 1, value =>
        {
            Text(value, 1, tag);
            Nested(value, 8, tensor =>
            {
                Number(tensor, 1, DataTypeString);
                Nested(tensor, 2, shape => Nested(shape, 2, dimension => Number(dimension, 1, 1)));
                Text(tensor, 8, markdown);
            });
            Nested(value, 9, metadata =>
            {
                Nested(metadata, 1, plugin => Text(plugin, 1, "text"));
                Number(metadata, 4, DataClassTensor);
            });
        })));

    static byte[] Event(double wallTime, long step, Action<CodedOutputStream> what) => Message(output =>
    {
        output.WriteTag(1, WireFormat.WireType.Fixed64);
        output.WriteDouble(wallTime);
        Number(output, 2, step);
        what(output);
    });

    static void Number(CodedOutputStream output, int field, long value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }

    static void Text(CodedOutputStream output, int field, string value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(value);
    }

    static void Nested(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Message(write)));
    }

    static byte[] Message(Action<CodedOutputStream> write)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true))
        {
            write(output);
        }

        return buffer.ToArray();
    }
}
