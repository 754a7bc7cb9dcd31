#!/bin/sh
# usage: build.sh FOLDER
# Builds the stub libraries into FOLDER. They find libfakecuda.so, the device, beside them.
set -eu
cd "$(dirname "$0")"
out=$1
mkdir -p "$out"

# build FILE SONAME SOURCES... -- OPTIONS...
build() {
  file=$1
  shift
  cc -std=gnu11 -O1 -fPIC -Wall -Wextra -shared -Wl,-z,defs -Wl,-soname,"$file" -Wl,-rpath,'$ORIGIN' -o "$out/$file" "$@"
}

# cuda SONAME FOLDER: NVIDIA's libraries but the driver give their symbols a version, which is their soname.
face() {
  echo "$1 { global: *; };" > "$out/$1.map"
  build "$1" "$2"/*.c "$out/libfakecuda.so" -Wl,--version-script="$out/$1.map" -ldl
  rm "$out/$1.map"
}

build libfakecuda.so device/*.c -lpthread
face libcudart.so.13 cudart
face libcublasLt.so.13 cublasLt
face libcublas.so.13 cublas
face libcurand.so.10 curand
build libcuda.so.1 cuda/*.c "$out/libfakecuda.so"
