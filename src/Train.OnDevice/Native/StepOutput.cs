namespace OrtDpo.Train.OnDevice.Native;

/// <summary>A tensor that a step gave, copied to the managed heap.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Values">float32, row-major.</param>
sealed record StepOutput(long[] Shape, float[] Values)
{
    /// <summary>Copies a tensor.</summary>
    /// <param name="library">The library.</param>
    /// <param name="value">Its handle, which stays the caller's.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <exception cref="InvalidDataException">It is not of float32.</exception>
    public static unsafe StepOutput Copy(OrtLibrary library, nint value, string name)
    {
        nint info;
        library.Check(
            ((delegate* unmanaged<nint, nint*, nint>)library[OrtFunction.GetTensorTypeAndShape])(value, &info), $"say what '{name}' is");
        long[] shape;
        try
        {
            ElementType type;
            library.Check(
                ((delegate* unmanaged<nint, ElementType*, nint>)library[OrtFunction.GetTensorElementType])(info, &type),
                $"say of what type '{name}' is");
            if (type != ElementType.Float32)
            {
                throw new InvalidDataException($"The output '{name}' is of type {type}; expected {ElementType.Float32}.");
            }

            nuint rank;
            library.Check(
                ((delegate* unmanaged<nint, nuint*, nint>)library[OrtFunction.GetDimensionsCount])(info, &rank),
                $"say of what shape '{name}' is");
            shape = new long[rank];
            fixed (long* dimensions = shape)
            {
                library.Check(
                    ((delegate* unmanaged<nint, long*, nuint, nint>)library[OrtFunction.GetDimensions])(info, dimensions, rank),
                    $"say of what shape '{name}' is");
            }
        }
        finally
        {
            library.Release(OrtFunction.ReleaseTensorTypeAndShapeInfo, info);
        }

        float* data;
        library.Check(
            ((delegate* unmanaged<nint, float**, nint>)library[OrtFunction.GetTensorMutableData])(value, &data), $"give '{name}'");
        var count = shape.Aggregate(1L, (a, b) => a * b);
        return new StepOutput(shape, new ReadOnlySpan<float>(data, checked((int)count)).ToArray());
    }
}
