using Microsoft.ML.OnnxRuntime;

namespace OrtDpo.Runtime.Sessions;

/// <summary>What ONNX Runtime is, and offers, in this process.</summary>
/// <param name="Version">The version of its native library.</param>
/// <param name="Devices">The devices that it can run on, each by every execution provider that knows it.</param>
public sealed record OrtFacts(string Version, IReadOnlyList<OrtDevice> Devices)
{
    /// <summary>Asks ONNX Runtime, before or after <see cref="OrtProcess.Start"/>.</summary>
    public static OrtFacts Read()
    {
        lock (OrtProcess.Gate)
        {
            // The process has one environment, and the first decides its threads: one that was only made to be asked makes room again.
            var isStarted = OrtEnv.IsCreated;
            var environment = OrtEnv.Instance();
            try
            {
                return new OrtFacts(
                    environment.GetVersionString(),
                    [
                        .. environment.GetEpDevices()
                            .Select(device => new OrtDevice(device.EpName, device.HardwareDevice.Vendor))
                            .Distinct(),
                    ]);
            }
            finally
            {
                if (!isStarted)
                {
                    environment.Dispose();
                }
            }
        }
    }
}

/// <summary>A device by one of ONNX Runtime's execution providers.</summary>
/// <param name="Provider">The execution provider, such as <c>CPUExecutionProvider</c>.</param>
/// <param name="Vendor">Who made the device.</param>
public sealed record OrtDevice(string Provider, string Vendor);
