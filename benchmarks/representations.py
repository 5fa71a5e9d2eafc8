"""Processor time of the representations of local kernels, in milliseconds for each molecule.

Beside them stand the same of an earlier commit, whose source is taken from the repository, and
kernelforge's FCHL19 where that package is installed (`pip install kernelforge==1.1.0`; it is no
dependency). All take turns on the same molecules in processes of their own; the shortest time of
each counts. Also prints the largest difference from the earlier commit's values.

example:
  OMP_NUM_THREADS=1 QM7_MAT=qm7.mat python benchmarks/representations.py --commit 6de23e0
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

REPRESENTATIONS = {
    "fchl19, 8 Angstrom": ("fchl19", {}),
    "fchl19, 5 Angstrom, elements mixed": (
        "fchl19",
        {"two_body_cutoff": 5.0, "three_body_cutoff": 5.0, "element_similarity": 1.6},
    ),
    "extended_huckel": ("extended_huckel", {}),
    "fchl19_extended_huckel": ("fchl19_extended_huckel", {}),
}
KERNELFORGE = "kernelforge's FCHL19, 8 Angstrom"


def measure(molecules: int, output: Path) -> None:
    """Time each representation once warm, and keep its values."""
    from qm7bench.datasets.auto import load_dataset, resolve
    from qm7bench.registry.modules import load

    data, _ = load_dataset(resolve("auto"), {})
    chosen = np.sort(np.random.default_rng(0).permutation(len(data))[:molecules])
    data, seconds, values = data[chosen], {}, {}
    elements = "H C N O S" if 16 in data.elements else "H C N O F"
    for name, (module, parameters) in REPRESENTATIONS.items():
        feature = load("features", module)(**parameters, elements=elements)
        feature.compute(data)
        started = time.process_time()
        found = feature.compute(data)["values"]
        seconds[name] = time.process_time() - started
        values[name] = found
    seconds |= kernelforge(data)
    output.with_suffix(".json").write_text(json.dumps(seconds))
    np.savez(output, **values)


def kernelforge(data) -> dict[str, float]:
    try:
        from kernelforge.fchl19_repr import generate_fchl_acsf as generate
    except ImportError:
        return {}
    elements = [int(z) for z in data.elements]
    started = time.process_time()
    for charges, positions in zip(data.charges, data.positions, strict=True):
        real = charges > 0
        generate(positions[real], charges[real].astype(np.int32), elements)
    return {KERNELFORGE: time.process_time() - started}


def main() -> None:
    """Let this source and the commit's take turns, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--molecules", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--commit", default="6de23e0", help="whose source to compare with")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.molecules, options.measure)
        return
    root = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        archive = ["git", "-C", str(root), "archive", options.commit, "src"]
        source = subprocess.run(archive, capture_output=True)
        if source.returncode:
            parser.error(f"{options.commit} is not in this repository; fetch it or give --commit")
        subprocess.run(["tar", "-x", "-C", folder], input=source.stdout, check=True)
        sources = {"now": root / "src", options.commit: Path(folder, "src")}
        best: dict[str, dict[str, float]] = {name: {} for name in sources}
        for _ in range(options.repeats):
            for name, path in sources.items():
                output = Path(folder, f"{name}.npz")
                words = ["--molecules", str(options.molecules), "--measure", str(output)]
                paths = os.pathsep.join([str(path), os.environ.get("PYTHONPATH", "")])
                environment = {**os.environ, "PYTHONPATH": paths}
                program = [sys.executable, __file__, *words]
                subprocess.run(program, check=True, env=environment)
                found = json.loads(output.with_suffix(".json").read_text())
                best[name] |= {k: min(v, best[name].get(k, v)) for k, v in found.items()}
        now, before = (np.load(Path(folder, f"{name}.npz")) for name in sources)
        report(best["now"], best[options.commit], now, before, options)


def report(now, before, values, earlier, options) -> None:
    """One line for each representation."""
    print(f"ms for each of {options.molecules} molecules: now, at {options.commit}, ratio, ...")
    for name in REPRESENTATIONS:
        ours, theirs = (1e3 * own[name] / options.molecules for own in (now, before))
        difference = np.abs(values[name].astype(float) - earlier[name]).max()
        print(f"{name:36} {ours:6.3f} {theirs:6.3f} {theirs / ours:5.1f}   values {difference:.0e}")
    if KERNELFORGE in now:
        print(f"{KERNELFORGE:36} {1e3 * now[KERNELFORGE] / options.molecules:6.3f}")


if __name__ == "__main__":
    main()
