"""The loop of the lessons: policy and reference in memory, stacked sequences (the prompt twice), logits of every position."""
import torch
import torch.nn.functional as F

import llama


def batch(pairs):
    """Stacks prompt | chosen of every pair, then prompt | rejected, padded on the right. labels: -100 = not scored."""
    sequences = [(p["prompt"], p[side]) for side in ("chosen", "rejected") for p in pairs]
    width = max(len(prompt) + len(completion) for prompt, completion in sequences)
    input_ids = torch.zeros(len(sequences), width, dtype=torch.long)
    labels = torch.full_like(input_ids, -100)
    for row, (prompt, completion) in enumerate(sequences):
        end = len(prompt) + len(completion)
        input_ids[row, :end] = torch.tensor(prompt + completion)
        labels[row, len(prompt):end] = torch.tensor(completion)
    return input_ids, labels


def logps(config, weights, input_ids, labels):
    """Summed log-probabilities of the completions, [2 * pairs]. Padding on the right is seen by no scored position."""
    seq = input_ids.shape[1]
    mask = llama.causal_mask(seq, weights["model.norm.weight"].dtype)
    positions = torch.arange(seq).expand_as(input_ids)
    logits = llama.head(config, weights, llama.hidden_states(config, weights, input_ids, positions, mask))[:, :-1]
    labels = labels[:, 1:]
    return (llama.token_logps(logits, labels.clamp(min=0)) * (labels != -100)).sum(-1)


class Loop:
    """policy: trainable tensors by name."""

    def __init__(self, config, policy, pairs, beta):
        self.config, self.policy, self.beta = config, policy, beta
        self.reference = {name: tensor.detach().clone() for name, tensor in policy.items()}
        self.input_ids, self.labels = batch(pairs)

    def loss(self):
        policy = logps(self.config, self.policy, self.input_ids, self.labels)
        with torch.no_grad():
            reference = logps(self.config, self.reference, self.input_ids, self.labels)
        chosen, rejected = (policy - reference).chunk(2)
        return -F.logsigmoid(self.beta * (chosen - rejected)).mean()
