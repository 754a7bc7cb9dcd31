namespace OrtDpo.Adapters;

/// <summary>A module that an adapter adds to.</summary>
/// <param name="Module">The module.</param>
/// <param name="Rank">Rows of <c>A</c> and columns of <c>B</c>; more than the module's widths is allowed, as in PEFT.</param>
/// <param name="Alpha">PEFT's <c>lora_alpha</c> of this module.</param>
/// <param name="Scale">What the product of <c>A</c> and <c>B</c> is multiplied by.</param>
public sealed record LoraTarget(LinearModule Module, int Rank, double Alpha, double Scale)
{
    /// <summary>The parameter <c>A</c>, <c>[rank, in]</c>.</summary>
    public string NameOfA => $"{Module.Name}.lora_A.weight";

    /// <summary>The parameter <c>B</c>, <c>[out, rank]</c>.</summary>
    public string NameOfB => $"{Module.Name}.lora_B.weight";
}
