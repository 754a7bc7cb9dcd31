namespace OrtDpo.Safetensors;

/// <summary>Copies bytes of a tensor that does not lie in the host's memory.</summary>
/// <param name="offset">The first byte to copy, within the tensor.</param>
/// <param name="target">Room for as many bytes as are wanted.</param>
public delegate void TensorReader(long offset, Span<byte> target);
