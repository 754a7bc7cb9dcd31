using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>The first small graph on a device.</summary>
public sealed class DeviceTrialTests
{
    // By hand: ([[1, 2, −3], [½, n, 0]] · [[2, 0], [1, 1], [0, 4]] + [¼, −8])², n = 1 + 2⁻¹².
    const float Narrow = 1 + (1f / 4096);

    static float[] Right => [18.0625f, 324, (1.25f + Narrow) * (1.25f + Narrow), (Narrow - 8) * (Narrow - 8)];

    [Fact]
    [Trait("Speed", "native")]
    public void A_device_that_computes_passes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Guarded memory needs mprotect.");
        OrtProcess.Start(threads: 2);
        var device = new GuardedDevice();
        DeviceTrial.Run(device);
        Assert.Equal((3, 1), (device.Uploads, device.Downloads));
        DeviceTrial.RequireRight(device, Right);
    }

    [Theory]
    [InlineData(
        0, 0,
        "guarded gives wrong numbers: 0 in place of 18.0625 in a first small graph. Its driver, its libraries or the device are at fault; "
        + "nothing was computed with it.")]
    [InlineData(1, float.NaN, "NaN in place of 324")]
    // What a product of operands of ten bits makes.
    [InlineData(2, 5.0625f, "5.0625 in place of 5.0635986")]
    [InlineData(3, 49, "49 in place of 48.996582")]
    public void One_wrong_number_is_refused(int at, float wrong, string sentence)
    {
        var found = Right;
        found[at] = wrong;
        Assert.Contains(
            sentence,
            Assert.Throws<NotSupportedException>(() => DeviceTrial.RequireRight(new GuardedDevice(), found)).Message,
            StringComparison.Ordinal);
    }
}
