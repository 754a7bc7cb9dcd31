namespace OrtDpo.Page.Packages;

/// <summary>A file of an npm package that goes into the page.</summary>
/// <param name="Package">The package.</param>
/// <param name="Version">The version whose file it is.</param>
/// <param name="Source">The file's path in the package.</param>
/// <param name="Name">Its name beside the page. Of JavaScript it ends in <c>.js</c>: not every web server knows <c>.mjs</c>.</param>
/// <param name="Sha256">Hex SHA-256 of its bytes.</param>
sealed record PackageFile(string Package, string Version, string Source, string Name, string Sha256)
{
    const string Runtime = "onnxruntime-web";
    const string RuntimeVersion = "1.19.2";
    const string Tokenizers = "@huggingface/tokenizers";
    const string TokenizersVersion = "0.2.0";

    /// <summary>All of them: ONNX Runtime's training build and a tokenizer.</summary>
    public static IReadOnlyList<PackageFile> All { get; } =
    [
        new(Runtime, RuntimeVersion, "dist/ort.training.wasm.min.mjs", "ort.training.wasm.min.js",
            "2fe8e5163301d533c6c1fa6034de30349d24072d3a335e0324f541a49caf4faa"),
        new(Runtime, RuntimeVersion, "dist/ort-training-wasm-simd-threaded.mjs", "ort-training-wasm-simd-threaded.js",
            "c5ffc8470dcb3cf94261f8532f2e7b82f61b8245f079010373db5d55a22b3f7f"),
        new(Runtime, RuntimeVersion, "dist/ort-training-wasm-simd-threaded.wasm", "ort-training-wasm-simd-threaded.wasm",
            "55626e6eb7747e2137ee5d3f6ba8d3ba24921900b7178d07c6ec1cc0f49a3662"),
        new(Tokenizers, TokenizersVersion, "dist/tokenizers.min.mjs", "tokenizers.min.js",
            "258e46332101335ce8d95aed7745b19ac3b46d37f3e159a89cf894c2ea9b1d3a"),
        // Its licence asks that its text goes along; that of ONNX Runtime is a part of the page.
        new(Tokenizers, TokenizersVersion, "LICENSE", "tokenizers.licence.txt",
            "c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4"),
    ];

    /// <summary>The command that installs them.</summary>
    public static string Install { get; } = "npm install "
        + string.Join(' ', All.Select(file => $"{file.Package}@{file.Version}").Distinct());

    /// <summary>The name of the archive that <c>npm pack</c> makes of the package.</summary>
    public string Archive => $"{Package.TrimStart('@').Replace('/', '-')}-{Version}.tgz";
}
