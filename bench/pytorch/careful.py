"""A careful loop: prompt | chosen | rejected in one row, the head on completions only, the reference's sums from a cache."""
import torch
import torch.nn.functional as F

import llama


def batch(pairs):
    """One pair a row, padded on the right. index: the flat position that predicts each scored token of completion 0, 1, ..., 2 * pairs - 1."""
    width = max(len(p["prompt"]) + len(p["chosen"]) + len(p["rejected"]) for p in pairs)
    input_ids = torch.zeros(len(pairs), width, dtype=torch.long)
    position_ids, segments = torch.zeros_like(input_ids), torch.full_like(input_ids, -1)
    scored = [[] for _ in range(2 * len(pairs))]
    for row, pair in enumerate(pairs):
        prompt = len(pair["prompt"])
        at = 0
        for segment, name in enumerate(("prompt", "chosen", "rejected")):
            tokens = pair[name]
            first = 0 if segment == 0 else prompt
            input_ids[row, at:at + len(tokens)] = torch.tensor(tokens)
            position_ids[row, at:at + len(tokens)] = torch.arange(first, first + len(tokens))
            segments[row, at:at + len(tokens)] = segment
            if segment > 0:
                start = row * width
                completion = (segment - 1) * len(pairs) + row
                scored[completion] = [(start + (prompt if t == 0 else at + t) - 1, token, completion) for t, token in enumerate(tokens)]
            at += len(tokens)
    index, ids, owner = (torch.tensor(column) for column in zip(*(entry for completion in scored for entry in completion)))
    return input_ids, position_ids, segments, index, ids, owner


def mask(segments, dtype):
    """Additive [batch, 1, seq, seq]: the prompt and the own completion, at or before; nothing of padding."""
    query, key = segments.unsqueeze(-1), segments.unsqueeze(-2)
    seen = (key >= 0) & ((key == 0) | (key == query)) & torch.ones(segments.shape[1], segments.shape[1], dtype=torch.bool).tril()
    return torch.where(seen, 0.0, -1e30).to(dtype).unsqueeze(1)


class Loop:
    """policy: trainable tensors by name. reference: [2 * pairs] sums, chosen first."""

    def __init__(self, config, policy, pairs, beta, reference):
        self.config, self.policy, self.beta, self.count = config, policy, beta, 2 * len(pairs)
        self.input_ids, self.position_ids, segments, self.index, self.ids, self.owner = batch(pairs)
        self.mask = mask(segments, policy["model.norm.weight"].dtype)
        self.reference = reference

    def logps(self):
        hidden = llama.hidden_states(self.config, self.policy, self.input_ids, self.position_ids, self.mask)
        rows = hidden.flatten(0, 1).index_select(0, self.index)
        scored = llama.token_logps(llama.head(self.config, self.policy, rows), self.ids)
        return torch.zeros(self.count, dtype=scored.dtype).index_add(0, self.owner, scored)

    def loss(self):
        chosen, rejected = (self.logps() - self.reference).chunk(2)
        return -F.logsigmoid(self.beta * (chosen - rejected)).mean()
