"""Learning rates of every step, as PyTorch's LambdaLR hands them to AdamW, by the formulas that Transformers documents.

The formulas are written here from the documentation of transformers.optimization and from the papers that it names, in exact fractions
where they are rational; nothing of OrtDpo runs. A rate is what the optimizer has when the update is made: param_groups[0]["lr"] before
optimizer.step(), and scheduler.step() after it, as Transformers' Trainer has them.

    /usr/bin/python3 tests/golden/schedules/make_golden.py
"""

import json
import math
import pathlib
import platform
from fractions import Fraction

import torch

HERE = pathlib.Path(__file__).parent


def rise(k, w):
    return Fraction(k, w)


def linear(k, n, w, peak):
    return rise(k, w) if k < w else Fraction(n - k, n - w)


def constant(k, n, w, peak):
    return 1


def constant_with_warmup(k, n, w, peak):
    return rise(k, w) if k < w else 1


def half_wave(share, waves):
    # (1 + cos(2 pi waves share)) / 2 = cos(pi waves share) squared.
    return math.cos(math.pi * waves * float(share)) ** 2


def cosine(k, n, w, peak, num_cycles=0.5):
    return rise(k, w) if k < w else half_wave(Fraction(k - w, n - w), num_cycles)


def cosine_with_restarts(k, n, w, peak, num_cycles=1):
    if k < w:
        return rise(k, w)
    turn = num_cycles * Fraction(k - w, n - w)
    return half_wave(turn - math.floor(turn), 0.5)


def lowest_of(peak, min_lr, min_lr_rate):
    return min_lr / peak if min_lr is not None else min_lr_rate


def cosine_with_min_lr(k, n, w, peak, num_cycles=0.5, min_lr=None, min_lr_rate=None):
    m = lowest_of(peak, min_lr, min_lr_rate)
    return rise(k, w) if k < w else m + (1 - m) * half_wave(Fraction(k - w, n - w), num_cycles)


def cosine_warmup_with_min_lr(k, n, w, peak, num_cycles=0.5, min_lr=None, min_lr_rate=None, warmup_lr_rate=None):
    m = lowest_of(peak, min_lr, min_lr_rate)
    if k >= w:
        return m + (1 - m) * half_wave(Fraction(k - w + 1, n - w), num_cycles)
    if warmup_lr_rate is None:
        return Fraction(k + 1, w)
    return warmup_lr_rate + (1 - warmup_lr_rate) * k / max(1, w - 1)


def polynomial(k, n, w, peak, lr_end=1e-7, power=1.0):
    if k < w:
        return rise(k, w)
    left = 1 - Fraction(k - w, n - w)
    return (lr_end + (peak - lr_end) * float(left) ** power) / peak


def inverse_sqrt(k, n, w, peak, timescale=None):
    timescale = timescale or w or 10_000
    return rise(k, w) if k < w else math.sqrt(Fraction(timescale, k - w + timescale))


def warmup_stable_decay(k, n, w, peak, num_decay_steps, num_stable_steps=None, warmup_type="linear", decay_type="cosine", min_lr_ratio=0,
                        num_cycles=0.5):
    stable = n - w - num_decay_steps if num_stable_steps is None else num_stable_steps
    m = min_lr_ratio
    if k < w:
        t = k / w
        return m + (1 - m) * {"linear": t, "cosine": math.sin(math.pi * t / 2) ** 2, "1-sqrt": 1 - math.sqrt(1 - t)}[warmup_type]
    if k < w + stable:
        return 1
    if k >= w + stable + num_decay_steps:
        return m
    q = (k - w - stable) / num_decay_steps
    return m + (1 - m) * {"linear": 1 - q, "cosine": half_wave(q, num_cycles), "1-sqrt": 1 - math.sqrt(q)}[decay_type]


FORMULAS = [constant, constant_with_warmup, linear, cosine, cosine_with_restarts, cosine_with_min_lr, cosine_warmup_with_min_lr, polynomial,
            inverse_sqrt, warmup_stable_decay]

# Steps and warm-up: none, one, a ratio's ceiling, all steps but one, all.
RUNS = [(2, 1), (3, 0), (10, 1), (37, 4), (37, 36), (100, 10), (100, 0), (5, 5)]

ARGUMENTS = {
    "cosine": [{}, {"num_cycles": 1.5}, {"num_cycles": 0.25}],
    "cosine_with_restarts": [{}, {"num_cycles": 3}],
    "cosine_with_min_lr": [{"min_lr": 1e-6}, {"min_lr_rate": 0.25, "num_cycles": 1.5}],
    "cosine_warmup_with_min_lr": [{"min_lr": 1e-6}, {"min_lr_rate": 0.1, "warmup_lr_rate": 0.2, "num_cycles": 1.5}],
    "polynomial": [{}, {"power": 2.0}, {"lr_end": 1e-6, "power": 0.5}],
    "inverse_sqrt": [{}, {"timescale": 7}],
}

WARMUP_STABLE_DECAY = [
    (100, 10, {"num_decay_steps": 20}),
    (100, 10, {"num_decay_steps": 20, "decay_type": "linear", "min_lr_ratio": 0.1}),
    (100, 10, {"num_decay_steps": 30, "decay_type": "1-sqrt", "warmup_type": "1-sqrt"}),
    (37, 4, {"num_decay_steps": 8, "warmup_type": "cosine", "num_cycles": 1.5, "min_lr_ratio": 0.05}),
    (37, 4, {"num_decay_steps": 8, "num_stable_steps": 12, "min_lr_ratio": 0.2}),
    (12, 0, {"num_decay_steps": 12, "decay_type": "linear"}),
]


def rates(formula, total, warmup, peak, arguments):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.AdamW([parameter], lr=peak)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: float(formula(k, total, warmup, peak, **arguments)))
    found = []
    for _ in range(total):
        parameter.grad = torch.ones(1)
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        # LambdaLR asks for the rate behind the last step, too, which none has: a formula may have no value there.
        if len(found) < total:
            scheduler.step()
    return found


def cases():
    for formula in FORMULAS:
        if formula is warmup_stable_decay:
            runs = WARMUP_STABLE_DECAY
        else:
            runs = [(n, w, a) for n, w in RUNS for a in ARGUMENTS.get(formula.__name__, [{}])]
        for total, warmup, arguments in runs:
            if formula is constant and warmup > 0 or "warmup_lr_rate" in arguments and warmup == 0:
                continue
            peak = 2e-5
            yield {
                "type": formula.__name__, "peak": peak, "total_steps": total, "warmup_steps": warmup, "kwargs": arguments,
                "learning_rates": rates(formula, total, warmup, peak, arguments),
            }


def main():
    with open(HERE / "learning_rates.json", "w", encoding="utf-8") as file:
        lines = [json.dumps(case) for case in cases()]
        file.write("[\n" + ",\n".join(lines) + "\n]\n")
    provenance = {
        "command": "/usr/bin/python3 tests/golden/schedules/make_golden.py",
        "what": "the learning rate of every update, by formulas written out in make_golden.py and PyTorch's LambdaLR over its AdamW",
        "formulas": "documentation of transformers.optimization and transformers.SchedulerType (Transformers 4.57 and 5)",
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    (HERE / "provenance.json").write_text(json.dumps(provenance, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
