"""Writes torch_losses.json: losses and gradients from formulas as the papers print them, in float64, differentiated by PyTorch.

It covers what golden_losses.json lacks: every f-divergence on every loss that takes one, smoothed reference-free losses, ORPO, AlphaPO and unpaired
feedback with a reference point and weights. Run: /usr/bin/python3 make_torch_losses.py
"""
import json
import random

import torch
from torch.nn.functional import logsigmoid, relu

BETA, EPSILON, TAU, GAMMA, ALPHA, F_ALPHA, KL = 0.7, 0.1, 0.05, 0.5, 0.25, 0.5, 0.3
DESIRABLE, UNDESIRABLE = 1.5, 1.0
PAIRS = 6


def draw(seed):
    rng = random.Random(seed)
    lengths = [rng.randint(1, 8) for _ in range(2 * PAIRS)]
    policy = [-n * (0.25 + rng.random()) for n in lengths]
    reference = [x + 3 * rng.random() - 1.5 for x in policy]
    return {"logps": policy, "lengths": lengths, "ref_logps": reference, "labels": [i % 2 for i in range(2 * PAIRS)]}


def score(r, divergence):
    if divergence == "forward_kl":
        return -torch.exp(-r)
    if divergence == "js_divergence":
        return logsigmoid(r)
    if divergence == "alpha_divergence":
        return torch.exp((F_ALPHA - 1) * r) / (F_ALPHA - 1)
    return r


def smoothed(z, epsilon):
    return -(1 - epsilon) * logsigmoid(z) - epsilon * logsigmoid(-z)


def odds(mean):
    p = torch.exp(mean)
    return torch.log(p / (1 - p))


def pair_losses(name, logps, lengths, reference, divergence, epsilon):
    policy_w, policy_l = logps[:PAIRS], logps[PAIRS:]
    length_w, length_l = lengths[:PAIRS], lengths[PAIRS:]
    ref_w, ref_l = reference[:PAIRS], reference[PAIRS:]
    r_w, r_l = policy_w - ref_w, policy_l - ref_l
    s_w, s_l = score(r_w, divergence), score(r_l, divergence)
    mean_w, mean_l = policy_w / length_w, policy_l / length_l
    z = BETA * (s_w - s_l)
    per_token = s_w / length_w - s_l / length_l
    target = 1 / (2 * BETA)
    sigmoid = torch.sigmoid
    m = sigmoid(z / TAU)
    if name in ("sigmoid", "cdpo"):
        return smoothed(z, epsilon)
    if name == "robust":
        return (-(1 - epsilon) * logsigmoid(z) + epsilon * logsigmoid(-z)) / (1 - 2 * epsilon)
    if name == "hinge":
        return relu(1 - z)
    if name == "ipo":
        return (per_token - target) ** 2
    if name == "ipo_sum":
        return (s_w - s_l - target) ** 2
    if name == "exo_pair":
        e = torch.tensor(epsilon, dtype=torch.float64)
        return sigmoid(z) * (logsigmoid(z) - torch.log(1 - e)) + sigmoid(-z) * (logsigmoid(-z) - torch.log(e))
    if name == "nca_pair":
        return -logsigmoid(BETA * s_w) - 0.5 * logsigmoid(-BETA * s_w) - 0.5 * logsigmoid(-BETA * s_l)
    if name == "bco_pair":
        return -logsigmoid(BETA * s_w) - logsigmoid(-BETA * s_l)
    if name == "sppo_hard":
        return (s_w - target) ** 2 + (s_l + target) ** 2
    if name == "aot":
        return smoothed(BETA * (torch.sort(policy_w - policy_l)[0] - torch.sort(ref_w - ref_l)[0]), epsilon)
    if name == "aot_unpaired":
        return smoothed(BETA * (torch.sort(r_w)[0] - torch.sort(r_l)[0]), epsilon)
    if name == "apo_zero":
        return 1 - sigmoid(BETA * r_w) + sigmoid(BETA * r_l)
    if name == "apo_down":
        return sigmoid(BETA * r_w) + 1 - sigmoid(z)
    if name == "discopop":
        return -(1 - m) * logsigmoid(z) + m * torch.exp(-z)
    if name == "sigmoid_norm":
        return -logsigmoid(BETA * per_token)
    if name == "simpo":
        return smoothed(BETA * (mean_w - mean_l) - GAMMA, epsilon)
    if name == "alphapo":
        shaped_w, shaped_l = ((1 - torch.exp(mean) ** -ALPHA) / ALPHA for mean in (mean_w, mean_l))
        return smoothed(BETA * (shaped_w - shaped_l) - GAMMA, epsilon)
    if name == "cpo":
        return smoothed(BETA * (policy_w - policy_l), epsilon)
    if name == "orpo":
        return -mean_w - BETA * logsigmoid(odds(mean_w) - odds(mean_l))
    raise ValueError(name)


def unpaired_losses(name, logps, reference, labels):
    r = logps - reference
    point = KL if name == "kto" else 0
    desirable = DESIRABLE * (1 - torch.sigmoid(BETA * (r - point)))
    undesirable = UNDESIRABLE * (1 - torch.sigmoid(BETA * (point - r)))
    return torch.where(labels == 1, desirable, undesirable)


def case(batch, name, divergence=None, epsilon=0.0):
    tensors = {k: torch.tensor(v, dtype=torch.float64) for k, v in batch.items()}
    logps = tensors["logps"].requires_grad_()
    if name in ("kto", "apo_zero_unpaired"):
        losses = unpaired_losses(name, logps, tensors["ref_logps"], tensors["labels"])
    else:
        losses = pair_losses(name, logps, tensors["lengths"], tensors["ref_logps"], divergence, epsilon)
    losses.mean().backward()
    form = f"{name}/{divergence}" if divergence else f"{name}/smoothed" if epsilon and name not in ("cdpo", "robust", "exo_pair") else name
    return {"form": form, "losses": losses.tolist(), "gradient": logps.grad.tolist()}


def cases(batch):
    plain = ["sigmoid", "hinge", "ipo", "ipo_sum", "nca_pair", "bco_pair", "sppo_hard", "discopop", "sigmoid_norm", "apo_down"]
    needing = ["cdpo", "robust", "exo_pair"]
    others = ["aot", "aot_unpaired", "apo_zero", "simpo", "alphapo", "cpo", "orpo", "kto", "apo_zero_unpaired"]
    for name in plain + others:
        yield case(batch, name)
    for name in needing:
        yield case(batch, name, epsilon=EPSILON)
    for name in ["sigmoid", "aot", "aot_unpaired", "simpo", "alphapo", "cpo"]:
        yield case(batch, name, epsilon=EPSILON)
    for divergence in ["forward_kl", "js_divergence", "alpha_divergence"]:
        for name in plain:
            yield case(batch, name, divergence)
        for name in needing:
            yield case(batch, name, divergence, EPSILON)


if __name__ == "__main__":
    batch = draw(seed=1)
    with open("torch_losses.json", "w") as file:
        json.dump({"batch": batch, "kl": KL, "cases": list(cases(batch))}, file, indent=1)
        file.write("\n")
