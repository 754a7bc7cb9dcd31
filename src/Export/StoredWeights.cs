using System.Buffers;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Export.Quantized;
using OrtDpo.Models;
using OrtDpo.Models.Quantized;
using OrtDpo.Quantization;
using OrtDpo.Safetensors;

namespace OrtDpo.Export;

/// <summary>A policy's weights as an export stores them: as they are, rounded to 16 bits once, or quantised.</summary>
sealed unsafe class StoredWeights : IDisposable
{
    // What MatMulNBits calls a product in float32, and one whose other factor it may round to 8 bits.
    const int Exact = 0, EightBits = 4;

    // Of 32 and 128, with which ONNX Runtime is fastest, that with fewer scales.
    const string FastForm = "int4-128";

    readonly List<MemoryHandle> pins = [];
    readonly Dictionary<string, QuantizedProduct> products = new(StringComparer.Ordinal);
    readonly Dictionary<string, QuantizedProduct> tables = new(StringComparer.Ordinal);
    readonly List<Initializer> initializers = [];

    StoredWeights(ModelFolder folder, StoredDtype dtype)
    {
        Name = dtype.Name ?? NameOf(folder, dtype.IsFast);
    }

    /// <summary>What they are stored in.</summary>
    public string Name { get; }

    /// <summary>
    /// The weights, of a quantised one its parts; valid until this or the folder is disposed.
    /// </summary>
    public IReadOnlyList<Initializer> Initializers => initializers;

    /// <summary>Rounds and quantises, if need be; the folder then has what is stored, so that it can be scored.</summary>
    /// <param name="folder">A model that is mapped to be read.</param>
    /// <param name="dtype">What is to be stored.</param>
    /// <param name="threads">Threads at most; the numbers do not depend on them.</param>
    /// <param name="withAdapter">Whether an adapter on the model is among what is stored.</param>
    /// <exception cref="InvalidDataException">A value is too large for the type; the message names it.</exception>
    public static StoredWeights Of(ModelFolder folder, StoredDtype dtype, int threads, bool withAdapter = true)
    {
        var stored = new StoredWeights(folder, dtype);
        var form = dtype.Linear ?? FormOf(folder);
        if (dtype.Linear is LinearForm.Int8)
        {
            stored.Add(EightBitWeights.Quantise(folder, threads), QuantizedConstants.Of, stored.products);
        }
        else if (dtype.Linear is not null)
        {
            QuantizedBase.Quantise(
                folder, new BaseWeights(dtype.IsFast ? FastForm : StoredDtype.NameOf(dtype.Linear.Value, isFast: false)), threads);
        }

        if (dtype.QuantizesHead && form is LinearForm.Int8)
        {
            stored.Add(QuantizedVocabulary.InEightBits(folder, threads), QuantizedConstants.Of, stored.tables);
        }
        else if (dtype.QuantizesHead)
        {
            stored.Add(
                QuantizedVocabulary.InFourBits(folder, threads), (name, matrix) => QuantizedConstants.Of(name, matrix, Exact),
                stored.tables);
        }

        string[] done = [.. stored.products.Keys, .. stored.tables.Keys];
        if (dtype.Floats is { } type)
        {
            StoredAs.Put(folder, type, keepsQuantized: dtype.Linear is not null, except: done);
        }

        folder.Quantized?.Prepare(threads);
        stored.Add(folder, (withAdapter ? folder.Parameters : folder.BaseParameters).Except(done), dtype.IsFast ? EightBits : Exact);
        return stored;
    }

    /// <summary>What a folder's weights are in, before anything is done to them.</summary>
    public static string NameOf(ModelFolder folder, bool isFast = false) =>
        FormOf(folder) is { } form ? StoredDtype.NameOf(form, isFast) : folder.StoredType.ConfigName();

    /// <summary>What the linear weights of a folder's layers are held in; null: floats.</summary>
    public static LinearForm? FormOf(ModelFolder folder) => folder.Quantized?.Weights.Values.FirstOrDefault() is not { } weight ? null
        : weight.Form.Format == QuantizedFormat.Nf4 ? LinearForm.Nf4
        : LinearForm.Int4;

    /// <summary>What graphs call a type of floats.</summary>
    public static DataType ElementType(WeightType type) => type switch
    {
        WeightType.F32 => DataType.Float32,
        WeightType.F16 => DataType.Float16,
        WeightType.BF16 => DataType.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Expected F32, F16 or BF16."),
    };

    /// <summary>A model's graph, in which the products by quantised weights are those of operators that take them.</summary>
    /// <param name="graph">A graph whose composites are not lowered.</param>
    public OnnxGraph Put(OnnxGraph graph) => QuantizedTable.Put(QuantizedProduct.Put(graph, products), tables);

    public void Dispose() => pins.ForEach(pin => pin.Dispose());

    void Add(ModelFolder folder, IEnumerable<string> names, int accuracyLevel)
    {
        foreach (var name in names)
        {
            if (folder.Quantized?.Find(name) is { } weight)
            {
                Add(name, QuantizedConstants.Of(name, weight.Matrix, accuracyLevel), products);
                continue;
            }

            var entry = folder.Find(name)!;
            initializers.Add(new Initializer(name, ElementType(entry.Type), entry.Shape, folder.Address(name)));
        }
    }

    void Add<T>(
        IReadOnlyDictionary<string, T> matrices, Func<string, T, QuantizedConstants> constants, Dictionary<string, QuantizedProduct> to)
    {
        foreach (var (name, matrix) in matrices)
        {
            Add(name, constants(name, matrix), to);
        }
    }

    void Add(string weight, QuantizedConstants constants, Dictionary<string, QuantizedProduct> to)
    {
        to.Add(weight, constants.Product);
        foreach (var (part, bytes) in constants.Product.Parts.Zip(constants.Bytes))
        {
            var pin = bytes.Pin();
            pins.Add(pin);
            initializers.Add(new Initializer(part.Name, part.Type, part.Shape, (nint)pin.Pointer));
        }
    }
}
