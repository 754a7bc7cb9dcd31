namespace OrtDpo.Linked.FlatBuffers;

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
        if (length < sizeof(int) || listLength < 2 * sizeof(ushort) || listLength % sizeof(ushort) != 0)
        {
            throw file.Damaged(places, "a table that is too short");
        }

        file.Require(places, listLength);
    }

    /// <summary>A number of four bytes; 0 where it is missing.</summary>
    public int Int32(int field) => Place(field, sizeof(int)) is { } place ? file.Int32(place) : 0;

    /// <summary>A number of eight bytes, or what stands for it where it is missing.</summary>
    public long Int64(int field, long missing = 0) => Place(field, sizeof(long)) is { } place ? file.Int64(place) : missing;

    /// <summary>A floating-point number of four bytes; 0 where it is missing.</summary>
    public float Single(int field) => Place(field, sizeof(float)) is { } place ? file.Single(place) : 0;

    /// <summary>Yes or no; no where it is missing. Any byte but 0 is yes, as in C++.</summary>
    public bool Boolean(int field) => Place(field, sizeof(byte)) is { } place && file.Byte(place) != 0;

    /// <summary>Where a field's offset leads to.</summary>
    /// <exception cref="InvalidDataException">The field is missing.</exception>
    public long Target(int field) => TargetOrNone(field) ?? throw file.Damaged(at, "a table without what it must have");

    /// <summary>Where a field's offset leads to; null where the field is missing.</summary>
    public long? TargetOrNone(int field) => Place(field, sizeof(int)) is { } place ? file.Target(place) : null;

    long? Place(int field, int size)
    {
        var entry = 2L * (2 + field);
        if (entry + sizeof(ushort) > listLength || file.UInt16(places + entry) is not (> 0 and var place))
        {
            return null;
        }

        return place + size <= length ? at + place : throw file.Damaged(at, "a field behind the end of its table");
    }
}
