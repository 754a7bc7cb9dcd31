namespace OrtDpo.Train.Tests.Devices;

/// <summary>A wait that a guarded device leaves out, to show that its tests would see one that is missing.</summary>
enum ForgottenWait
{
    None,

    /// <summary>Copies do not wait for what the device was asked before.</summary>
    OfCopies,

    /// <summary>The device does not wait for copies.</summary>
    OfDevice,
}
