using System.Runtime.InteropServices;
using OrtDpo.Train.OnDevice;
using OrtDpo.Training.Remote;

// Started by hand there is nobody who speaks the protocol.
if (!Console.IsInputRedirected)
{
    Console.Error.WriteLine("This program is a part of ortdpo, which starts it: ortdpo train --engine on-device.");
    return 2;
}

// Standard output is for messages alone, whatever else would write to it.
using var input = Console.OpenStandardInput();
using var output = Console.OpenStandardOutput();
Console.SetOut(Console.Error);

// A terminal's interruption reaches both processes, and the loop's decides: it finishes its step and saves, which needs this one.
PosixSignal[] signals = OperatingSystem.IsWindows()
    ? [PosixSignal.SIGINT, PosixSignal.SIGQUIT]
    : [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGHUP];
var ignored = signals.Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = true)).ToList();
try
{
    return EngineServer.Serve(input, output, what => OnDeviceEngine.Open(OnDeviceSetup.FromJson(what))) ? 0 : 1;
}
catch (IOException)
{
    // The loop's process is gone, and nobody is left to tell.
    return 1;
}
finally
{
    ignored.ForEach(registration => registration.Dispose());
}
