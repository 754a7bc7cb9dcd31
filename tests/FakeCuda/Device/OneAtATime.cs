using Xunit.Sdk;
using Xunit.v3;

// The device, its counters and its faults are the process's.
[assembly: Parallelization(Mode = ParallelMode.None)]
