namespace OrtDpo.Artifacts.Checkpoints;

/// <summary>A field of a table that is to be written: its number, its bytes in the table, and what they hold.</summary>
/// <param name="Number">As the schema numbers it.</param>
/// <param name="Size">1, 4 or 8 bytes, of which its place is a multiple.</param>
/// <param name="Bits">What they hold, from the lowest byte; 0 for an offset, which is filled in where its target is written.</param>
readonly record struct FlatField(int Number, int Size, long Bits)
{
    /// <summary>An offset to what is written later.</summary>
    public static FlatField Offset(int number) => new(number, sizeof(int), 0);

    public static FlatField Of(int number, int value) => new(number, sizeof(int), value);

    public static FlatField Of(int number, long value) => new(number, sizeof(long), value);

    public static FlatField Of(int number, float value) => new(number, sizeof(float), BitConverter.SingleToInt32Bits(value));

    public static FlatField Of(int number, bool value) => new(number, sizeof(byte), value ? 1 : 0);
}
