"""usage: run.py FOLDER {plain,careful} [--steps N] [--threads N] - trains on one batch and prints one line of JSON (README.md has the fields)."""
import argparse
import json
import os
import statistics
import sys
import time

# Without these PyTorch's OpenMP threads spin against OpenBLAS's, and glibc hands big blocks back to the system after every use.
TUNED = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0", "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 40)}


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("folder")
    parser.add_argument("loop", choices=("plain", "careful"))
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--learning-rate", type=float, default=1e-5)
    return parser.parse_args()


def tune(threads):
    """Starts the program again where its environment is not the tuned one: the libraries read it once, when they are loaded."""
    wanted = TUNED | {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | wanted)


def peak_mib():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))


def main():
    options = arguments()
    tune(options.threads)
    import torch

    import careful
    import plain
    import safetensors_file

    torch.set_num_threads(options.threads)
    with open(os.path.join(options.folder, "config.json")) as file:
        config = json.load(file)
    with open(os.path.join(options.folder, "pairs.json")) as file:
        data = json.load(file)
    weights = safetensors_file.read(os.path.join(options.folder, "model.safetensors"))
    policy = {name: torch.nn.Parameter(torch.from_numpy(weights.pop(name))) for name in sorted(weights)}
    loop = (plain if options.loop == "plain" else careful).Loop(config, policy, data["pairs"], data["beta"])
    optimizer = torch.optim.AdamW(policy.values(), lr=options.learning_rate, weight_decay=0.0)

    train, update, losses = [], [], []
    for _ in range(options.steps):
        started = time.perf_counter()
        optimizer.zero_grad(set_to_none=False)
        loss = loop.loss()
        loss.backward()
        trained = time.perf_counter()
        torch.nn.utils.clip_grad_norm_(policy.values(), 1.0)
        optimizer.step()
        train.append(trained - started)
        update.append(time.perf_counter() - trained)
        losses.append(loss.item())
    step = [a + b for a, b in zip(train, update)]
    print(json.dumps({
        "config": os.path.basename(os.path.abspath(options.folder)), "loop": options.loop, "steps": options.steps, "threads": options.threads,
        "best_s": round(min(step), 4), "median_s": round(statistics.median(step), 4), "train_best_s": round(min(train), 4),
        "optimizer_best_s": round(min(update), 4), "peak_mb": round(peak_mib(), 1), "first_loss": losses[0], "last_loss": losses[-1],
        "torch": torch.__version__,
    }))


if __name__ == "__main__":
    main()
