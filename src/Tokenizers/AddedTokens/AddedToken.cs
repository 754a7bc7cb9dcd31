namespace OrtDpo.Tokenizers.AddedTokens;

/// <summary>A token that is found in the text before anything splits it.</summary>
/// <param name="Id">Its id, in or beyond the model's vocabulary.</param>
/// <param name="Content">Its text.</param>
/// <param name="Special">Left out of decoded text.</param>
/// <param name="Normalized">Found in the normalized text by its own normalized form, instead of in the text as given.</param>
/// <param name="SingleWord">Found only where no word character touches it.</param>
/// <param name="LeftStrip">Takes the white space on its left with it.</param>
/// <param name="RightStrip">Takes the white space on its right with it.</param>
sealed record AddedToken(int Id, string Content, bool Special, bool Normalized, bool SingleWord, bool LeftStrip, bool RightStrip);
