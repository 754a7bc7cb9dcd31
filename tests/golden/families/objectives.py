"""The objectives from summed log-probabilities, each over the rows of one optimizer step: a tensor of one loss per pair or row."""
import torch
import torch.nn.functional as F

# The numbers of each objective.
NUMBERS = {
    "sigmoid": {"beta": 0.1},
    "ipo": {"beta": 0.5},
    "kto": {"beta": 0.3, "desirable_weight": 1.0, "undesirable_weight": 1.5},
    "simpo": {"beta": 2.0, "gamma": 0.5},
}


def sigmoid(score, pairs, beta):
    """Eq. 7 of arXiv:2305.18290."""
    return torch.stack([-F.logsigmoid(beta * (log_ratio(score, p, "chosen") - log_ratio(score, p, "rejected"))) for p in pairs])


def ipo(score, pairs, beta):
    """Eq. 17 of arXiv:2310.12036 on means over tokens."""
    means = [[log_ratio(score, p, side) / len(p[side]) for side in ("chosen", "rejected")] for p in pairs]
    return torch.stack([(chosen - rejected - 1 / (2 * beta)) ** 2 for chosen, rejected in means])


def simpo(score, pairs, beta, gamma):
    """Eq. 6 of arXiv:2405.14734."""
    means = [[score(p["prompt"], p[side]).sum() / len(p[side]) for side in ("chosen", "rejected")] for p in pairs]
    return torch.stack([-F.logsigmoid(beta * (chosen - rejected) - gamma) for chosen, rejected in means])


def kto(score, rows, beta, desirable_weight, undesirable_weight):
    """Eq. 8 of arXiv:2402.01306; the reference point over the step's mismatched rows has no gradient and is at least 0."""
    kl = reference_point(score, rows)
    losses = []
    for r in rows:
        reward = score(r["prompt"], r["completion"]).sum() - r["ref_logps"]
        value = torch.sigmoid(beta * (reward - kl) if r["label"] else beta * (kl - reward))
        losses.append((desirable_weight if r["label"] else undesirable_weight) * (1 - value))
    return torch.stack(losses)


def reference_point(score, rows):
    with torch.no_grad():
        return torch.stack([score(r["prompt"], r["kl_completion"]).sum() - r["ref_kl_logps"] for r in rows]).mean().clamp(min=0)


def log_ratio(score, pair, side):
    return score(pair["prompt"], pair[side]).sum() - pair[f"ref_{side}_logps"]


def losses(name, score, rows):
    """score(prompt, completion) gives the log-probability of every completion token."""
    return {"sigmoid": sigmoid, "ipo": ipo, "simpo": simpo, "kto": kto}[name](score, rows, **NUMBERS[name])
