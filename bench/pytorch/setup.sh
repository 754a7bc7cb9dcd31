#!/usr/bin/env bash
# usage: bench/pytorch/setup.sh - installs the PyTorch of Debian or Ubuntu, with the threaded OpenBLAS. Run as root.
set -euo pipefail
if ! /usr/bin/python3 -c 'import torch, numpy' 2>/dev/null; then
  apt-get update
  apt-get install -y python3-torch libopenblas0-pthread
fi
/usr/bin/python3 -c 'import torch; print("torch", torch.__version__)'
