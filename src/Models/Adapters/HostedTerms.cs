using System.Runtime.InteropServices;
using OrtDpo.Adapters.Onnx;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Adapters;

/// <summary>
/// An adapter as hosts multiply by it, y + (x A) B (<see cref="LowRankSlots"/>): A <c>[in, rank]</c>, and s · B <c>[rank, out]</c>, the
/// product made in float64 and rounded once.
/// </summary>
public static unsafe class HostedTerms
{
    /// <summary>The adapter that lies on a model.</summary>
    /// <param name="folder">The model and its adapter.</param>
    /// <param name="type">What the numbers are stored as: F32, F16 or BF16.</param>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    /// <exception cref="NotSupportedException">The adapter saves modules whole, and hosts have no place for them.</exception>
    /// <exception cref="InvalidDataException">A number is too large for the type; the message names the tensor.</exception>
    public static OnnxAdapter Of(ModelFolder folder, WeightType type)
    {
        if (folder.Model is not AdaptedModel adapted)
        {
            throw new InvalidOperationException($"{folder.Path} has no adapter.");
        }

        if (adapted.Saved.Order(StringComparer.Ordinal).FirstOrDefault() is { } saved)
        {
            throw new NotSupportedException($"{folder.Adapter?.Path ?? folder.Path} saves '{saved}' whole (`ModulesToSave`), and a host's "
                + $"adapter is low-rank terms alone. Export it merged into its base (without `Adapters`).");
        }

        return new OnnxAdapter([.. AdaptedModel.ProductsOf(adapted.Base).Where(p => adapted.Terms.ContainsKey(p.Weight)).SelectMany(p =>
        {
            var (term, inputs, outputs) = (adapted.Terms[p.Weight], (int)p.Product.InFeatures, (int)p.Product.OutFeatures);
            var (a, b) = (LowRankTerm.A(p.Weight), LowRankTerm.B(p.Weight));
            var down = TermMatrix.Transposed(TermMatrix.Of(folder, a), term.Rank, inputs);
            var up = TermMatrix.Transposed(TermMatrix.Of(folder, b), outputs, term.Rank);
            return (OnnxAdapterTensor[])
            [
                new(a, type, [inputs, term.Rank], RoundedOnce.To(a, down, type)),
                new(b, type, [term.Rank, outputs], RoundedOnce.To(b, Array.ConvertAll(up, n => n * term.Scale), type)),
            ];
        })]);
    }

    /// <summary>
    /// Puts on a model what a host's adapter holds, in place of an adapter that it has: terms whose scale is 1. So the layers that train
    /// compute what a host should.
    /// </summary>
    /// <param name="folder">A model that is mapped to be read.</param>
    /// <param name="adapter">The adapter; null: none.</param>
    /// <exception cref="InvalidDataException">The model has no product of that name or of these sizes; the message names it.</exception>
    public static void Put(ModelFolder folder, OnnxAdapter? adapter)
    {
        if (folder.Model is AdaptedModel adapted)
        {
            folder.Detach(adapted.Base);
        }

        if (adapter is null)
        {
            return;
        }

        var tensors = adapter.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var terms = new Dictionary<string, LowRankTerm>(StringComparer.Ordinal);
        var block = NativeBlock.Allocate(adapter.Tensors.Sum(tensor => tensor.Data.LongLength));
        var placed = new List<(string, string, nint, TensorEntry)>();
        var at = block.Address;
        foreach (var (weight, product) in AdaptedModel.ProductsOf(folder.Model))
        {
            if (!tensors.TryGetValue(LowRankTerm.A(weight), out var a) || !tensors.TryGetValue(LowRankTerm.B(weight), out var b))
            {
                continue;
            }

            if (a.Shape is not [_, var rank] || a.Shape[0] != product.InFeatures || !b.Shape.SequenceEqual([rank, product.OutFeatures]))
            {
                throw new InvalidDataException($"The tensors of '{weight}' are {TensorEntry.Describe(a.Shape)} and "
                    + $"{TensorEntry.Describe(b.Shape)}, and its product is from {product.InFeatures} to {product.OutFeatures}.");
            }

            terms.Add(weight, new LowRankTerm((int)rank, 1));
            Place(a);
            Place(b);
            tensors.Remove(a.Name);
            tensors.Remove(b.Name);
        }

        if (tensors.Keys.Order(StringComparer.Ordinal).FirstOrDefault() is { } other)
        {
            throw new InvalidDataException($"Tensor '{other}' is of no product of {folder.Path}, or its other half is missing.");
        }

        folder.Attach(new AdaptedModel(folder.Model, terms, new HashSet<string>()), placed, block, trains: false);

        void Place(OnnxAdapterTensor tensor)
        {
            var (rows, columns) = ((int)tensor.Shape[0], (int)tensor.Shape[1]);
            var bytes = tensor.Data;
            var target = new Span<byte>((void*)at, bytes.Length);
            if (tensor.Type == WeightType.F32)
            {
                TermMatrix.Transposed(MemoryMarshal.Cast<byte, uint>(bytes).ToArray(), rows, columns).CopyTo(
                    MemoryMarshal.Cast<byte, uint>(target));
            }
            else
            {
                TermMatrix.Transposed(MemoryMarshal.Cast<byte, ushort>(bytes).ToArray(), rows, columns).CopyTo(
                    MemoryMarshal.Cast<byte, ushort>(target));
            }

            placed.Add((tensor.Name, "", at, new(tensor.Name, tensor.Type, [columns, rows], Offset: 0, bytes.Length)));
            at += bytes.Length;
        }
    }
}
