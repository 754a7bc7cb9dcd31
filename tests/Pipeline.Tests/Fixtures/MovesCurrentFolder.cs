namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>Tests that move the process's current folder: they run after the others, alone.</summary>
[CollectionDefinition(nameof(MovesCurrentFolder), DisableParallelization = true)]
public sealed class MovesCurrentFolder;
