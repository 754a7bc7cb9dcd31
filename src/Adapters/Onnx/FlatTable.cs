namespace OrtDpo.Adapters.Onnx;

/// <summary>A table of a FlatBuffer: fields by their numbers, each of which may be missing.</summary>
readonly struct FlatTable
{
    readonly FlatFile file;
    readonly long at;
    // Two lengths, of this list and of the table, and the place of each field within the table.
    readonly long places;
    readonly int listLength;
    readonly int length;

    /// <exception cref="InvalidDataException">The table leads out of the file.</exception>
    public FlatTable(FlatFile file, long at)
    {
        this.file = file;
        this.at = at;
        places = at - file.Int32(at);
        (listLength, length) = (file.UInt16(places), file.UInt16(places + sizeof(ushort)));
        if (length < sizeof(int))
        {
            throw file.Damaged(places, "a table that is too short");
        }
    }

    /// <summary>A number of four bytes; 0 where it is missing.</summary>
    public int Int32(int field) => Place(field) is { } place ? file.Int32(place) : 0;

    /// <summary>Where a field's offset leads to.</summary>
    /// <exception cref="InvalidDataException">The field is missing.</exception>
    public long Target(int field) => file.Target(Place(field) ?? throw file.Damaged(at, "a table without what it must have"));

    long? Place(int field)
    {
        var entry = 2L * (2 + field);
        if (entry + sizeof(ushort) > listLength || file.UInt16(places + entry) is not (> 0 and var place))
        {
            return null;
        }

        return place + sizeof(int) <= length ? at + place : throw file.Damaged(at, "a field behind the end of its table");
    }
}
