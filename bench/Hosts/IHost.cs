namespace OrtDpo.HostsBench;

/// <summary>A host that has loaded a model and continues one prompt greedily.</summary>
interface IHost : IDisposable
{
    /// <summary>The tokens that follow, as many as are taken, wherever the model would end its text.</summary>
    IEnumerable<int> Continue(int[] prompt, int tokens);
}
