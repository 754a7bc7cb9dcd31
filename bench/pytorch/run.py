"""usage: run.py FOLDER {plain,careful} [--steps N] [--threads N] - trains on one batch and prints one line of JSON (README.md has the fields)."""
import argparse
import ctypes
import json
import os
import platform
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
    return parser.parse_args()


def tune(threads):
    """Starts the program again where its environment is not the tuned one, which it returns: libraries read it once, when they are loaded."""
    inherited = {name: value for name, value in os.environ.items() if name.startswith("OPENBLAS_")}
    # Some systems pin OpenBLAS to older kernels, at half the speed; by itself it takes the processor's best.
    pinned = inherited.pop("OPENBLAS_CORETYPE", None)
    wanted = inherited | TUNED | {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    if pinned or any(os.environ.get(name) != value for name, value in wanted.items()):
        others = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
        os.execve(sys.executable, [sys.executable, *sys.argv], others | wanted)
    return wanted


def peak_mib():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))


def blas():
    """The matrix library that is loaded, with the kernels that it chose."""
    with open("/proc/self/maps") as file:
        path = next((line.split()[-1] for line in file if "libopenblas" in line), None)
    if path is None:
        return "not OpenBLAS"
    config = ctypes.CDLL(path).openblas_get_config
    config.restype = ctypes.c_char_p
    return config().decode()


def read(folder, name):
    with open(os.path.join(folder, name)) as file:
        return json.load(file)


def main():
    options = arguments()
    environment = tune(options.threads)
    import torch

    import careful
    import plain
    import safetensors_file

    torch.set_num_threads(options.threads)
    config, data = read(options.folder, "config.json"), read(options.folder, "pairs.json")
    weights = safetensors_file.read(os.path.join(options.folder, "model.safetensors"))
    policy = {name: torch.nn.Parameter(torch.from_numpy(weights.pop(name))) for name in sorted(weights)}
    if options.loop == "plain":
        loop = plain.Loop(config, policy, data["pairs"], data["beta"])
    else:
        reference = torch.tensor([pair[f"ref_{side}_logps"] for side in ("chosen", "rejected") for pair in data["pairs"]])
        loop = careful.Loop(config, policy, data["pairs"], data["beta"], reference)
    # As bench/Step: the learning rate, AdamW's other numbers (PyTorch's defaults), no decay, the clip.
    optimizer = torch.optim.AdamW(policy.values(), lr=1e-5, weight_decay=0.0)

    seconds, update, losses = [], [], []
    for _ in range(options.steps):
        started = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = loop.loss()
        loss.backward()
        trained = time.perf_counter()
        torch.nn.utils.clip_grad_norm_(policy.values(), 1.0)
        optimizer.step()
        ended = time.perf_counter()
        seconds.append(ended - started)
        update.append(ended - trained)
        losses.append(loss.item())
    print(json.dumps({
        "size": os.path.basename(os.path.abspath(options.folder)), "loop": options.loop, "threads": options.threads,
        "seconds": seconds, "optimizer_seconds": min(update), "peak_mib": peak_mib(), "losses": losses,
        "versions": {"PyTorch": torch.__version__, "BLAS": blas(), "Python": platform.python_version()}, "environment": environment,
    }))


if __name__ == "__main__":
    main()
