using System.Text;

namespace OrtDpo.Adapters;

/// <summary>
/// What a LoRA adapter is (arXiv:2106.09685): PEFT's <c>adapter_config.json</c>, as far as it is built here. The product of a chosen module
/// becomes <c>x·W + s·(x·Aᵀ)·Bᵀ</c>, with <c>A</c> as <c>[rank, in]</c> and <c>B</c> as <c>[out, rank]</c>.
/// </summary>
public sealed record LoraConfig
{
    /// <summary>The file that PEFT keeps a configuration in.</summary>
    public const string FileName = "adapter_config.json";

    /// <summary>The rank of modules that <see cref="RankPattern"/> does not name; at least 1. PEFT's <c>r</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rank is less than 1.</exception>
    public int Rank
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Rank));
            field = value;
        }
    } = 8;

    /// <summary>
    /// What <see cref="Scale"/> divides, for modules that <see cref="AlphaPattern"/> does not name. PEFT's <c>lora_alpha</c>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not finite.</exception>
    public double Alpha
    {
        get;
        init => field = double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Alpha), value, "Expected a finite number.");
    } = 8;

    /// <summary>Whether <see cref="Scale"/> divides by the root of the rank (rsLoRA, arXiv:2312.03732).</summary>
    public bool UseRsLora { get; init; }

    /// <summary>The modules that are adapted.</summary>
    public required ModuleChoice TargetModules { get; init; }

    /// <summary>Modules that are not adapted, whatever <see cref="TargetModules"/> says; null for none.</summary>
    /// <exception cref="ArgumentException">It is <see cref="ModuleChoice.AllLinear"/>, which PEFT knows for targets only.</exception>
    public ModuleChoice? ExcludeModules
    {
        get;
        init => field = value != ModuleChoice.AllLinear
            ? value
            : throw new ArgumentException(
                "Expected names or a regular expression; all-linear is known for targets only.", nameof(ExcludeModules));
    }

    /// <summary>
    /// The layers that are adapted, counted from 0; null for all. Only where <see cref="TargetModules"/> are names, and for those among
    /// them that are not the whole path of a module.
    /// </summary>
    public IReadOnlyList<int>? LayersToTransform { get; init; }

    /// <summary>
    /// What stands before a layer's number in the path of a module, such as <c>layers</c> or <c>h</c>, as regular expressions of Python's
    /// <c>re</c>; null for anything. Only with <see cref="LayersToTransform"/>.
    /// </summary>
    public IReadOnlyList<string>? LayersPattern { get; init; }

    /// <summary>
    /// Ranks of some modules, each at least 1: a regular expression of Python's <c>re</c> for the end of a path, and the rank. The first
    /// that matches counts.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A rank is less than 1.</exception>
    public IReadOnlyList<KeyValuePair<string, int>> RankPattern
    {
        get;
        init => field = value.All(pair => pair.Value >= 1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(RankPattern), value, "Expected ranks of at least 1.");
    } = [];

    /// <summary>As <see cref="RankPattern"/>, for <see cref="Alpha"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite.</exception>
    public IReadOnlyList<KeyValuePair<string, double>> AlphaPattern
    {
        get;
        init => field = value.All(pair => double.IsFinite(pair.Value))
            ? value
            : throw new ArgumentOutOfRangeException(nameof(AlphaPattern), value, "Expected finite numbers.");
    } = [];

    /// <summary>
    /// Modules that are trained and saved whole: each entry is what a path ends with, and what lies below such a module counts, too. As
    /// PEFT matches them, not only at a dot: <c>norm</c> is <c>model.norm</c> and each <c>input_layernorm</c>.
    /// </summary>
    public IReadOnlyList<string> ModulesToSave { get; init; } = [];

    /// <summary>
    /// The share of <c>x</c> that was dropped before <c>A</c> while the adapter was trained, in [0, 1]. It changes no number of an adapter
    /// that is only used; nothing here applies it.
    /// </summary>
    public double Dropout { get; init; }

    /// <summary>
    /// Whether PEFT was told that the base keeps its weights as <c>[in, out]</c>, as GPT-2 does. Kept as found; shapes of <c>A</c> and
    /// <c>B</c> do not depend on it, and <see cref="LinearModule.IsFanInFanOut"/> says how a base really is.
    /// </summary>
    public bool FanInFanOut { get; init; }

    /// <summary>The base that the adapter was made for: a path, or a name on a hub; null where nobody wrote it down.</summary>
    public string? BaseModelNameOrPath { get; init; }

    /// <summary>The revision of <see cref="BaseModelNameOrPath"/>; null for its newest.</summary>
    public string? Revision { get; init; }

    /// <summary>The file that this was read from, for messages; null where a program made it.</summary>
    public string? Source { get; init; }

    /// <summary>
    /// What the product of <c>A</c> and <c>B</c> is multiplied by: alpha / rank, with <see cref="UseRsLora"/> alpha / √rank.
    /// </summary>
    public double Scale(int rank, double alpha) => alpha / (UseRsLora ? Math.Sqrt(rank) : rank);

    /// <summary>Reads <c>adapter_config.json</c> in <paramref name="folder"/>. Fields that are absent have PEFT's defaults.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not JSON, or a field has a value that PEFT could not use either.</exception>
    /// <exception cref="NotSupportedException">
    /// The file describes something that would change numbers and is not built here, or has a field that is not known.
    /// </exception>
    public static LoraConfig Read(string folder) => LoraConfigReader.Read(folder);

    /// <summary>
    /// The file as PEFT 0.18 writes it: UTF-8, all its fields by name, except its own version. Patterns keep their order, which counts.
    /// </summary>
    public byte[] ToJson() => Encoding.UTF8.GetBytes(LoraConfigText.Of(this));

    /// <summary>How a message names a setting: as the field of the file that it was read from, or as the property.</summary>
    internal string Named(string property) => Source is { } file ? $"{file}: {LoraConfigText.FieldName(property)}" : $"`{property}`";

    /// <summary>Checks what no single setting can.</summary>
    /// <exception cref="InvalidDataException">Two settings contradict each other, or a list lacks what it needs.</exception>
    internal void RequireConsistent()
    {
        if (LayersToTransform is not null && TargetModules is not ModuleChoice.Names)
        {
            throw new InvalidDataException(
                $"{Named(nameof(LayersToTransform))} chooses layers, which needs target modules as a list of names. "
                + "Write the layers into the regular expression, or list the names.");
        }

        if (LayersPattern is not null && LayersToTransform is null)
        {
            throw new InvalidDataException(
                $"{Named(nameof(LayersPattern))} says where layers are counted, and no layers are chosen. Choose some, or remove it.");
        }
    }
}
