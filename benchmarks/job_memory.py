"""Memory that jobs take, against what they ask for, as a table of one row for each job.

The jobs are those of the rules, run one after the other in a folder that is kept between calls, on
QM7 or on a part of QM9. Of a grid, two widths and one regularisation are kept: kernels need no more
memory for further regularisations. Peak memory is what the system reports of each process. Entries
that `qm9.yaml` has beside those of `config.yaml` can be named too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import yaml

from qm7bench.artefacts.results_tree import plain_name, quick_name
from qm7bench.planning.jobs import Plan
from qm7bench.planning.needs import in_parts

REPOSITORY = Path(__file__).parent.parent
FEATURES = (
    "atom_counts eigenspectrum sorted_coulomb_matrix bag_of_bonds random_coulomb_matrix "
    "nearest_neighbour_graph radius_graph radius_graph_extended_huckel fchl19_short "
    "fchl19_extended_huckel"
).split()
ENTRIES = (
    "eigenspectrum/linear_regression sorted_coulomb_matrix/ridge "
    "sorted_coulomb_matrix/k_nearest_neighbours "
    "sorted_coulomb_matrix/k_nearest_neighbours_standardized "
    "sorted_coulomb_matrix/kernel_ridge_gaussian bag_of_bonds/kernel_ridge_laplacian "
    "sorted_coulomb_matrix/kernel_ridge_gaussian_standardized "
    "sorted_coulomb_matrix/support_vector_regression "
    "sorted_coulomb_matrix/support_vector_regression_document "
    "random_coulomb_matrix/kernel_ridge_of_realisations fchl19_short/local_kernel_ridge_matern "
    "fchl19_extended_huckel/electronic_kernel_ridge "
    "fchl19_extended_huckel/sparse_electronic_kernel_ridge "
    "fchl19_extended_huckel/large_electronic_kernel_ridge"
).split()
KEPT = {"gamma": 2, "alpha": 1, "linear": 1, "C": 1}
"""Values of a grid."""


class Jobs:
    """Runs jobs that were not run yet, and prints what each took and asked for."""

    def __init__(self, plan, dataset, folder):
        self.plan, self.needs, self.dataset, self.folder = plan, plan.needs, dataset, folder
        self.table = folder / f"{dataset}.jsonl"
        lines = self.table.read_text().splitlines() if self.table.is_file() else []
        self.used = {row["job"]: row["used"] for row in map(json.loads, lines)}
        self.data = folder / dataset / "dataset" / "metadata.json"

    def run(self, job, asked, *words):
        """Run one, unless its memory is known from before."""
        if job not in self.used:
            with (self.folder / "log").open("a") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "qm7bench", *map(str, words)], stdout=log, stderr=log
                )
                _, status, usage = os.wait4(process.pid, 0)
            if status:
                sys.exit(f"{job}: failed; see {self.folder / 'log'}")
            self.used[job] = usage.ru_maxrss / 1024
            with self.table.open("a") as file:
                file.write(json.dumps({"job": job, "used": self.used[job]}) + "\n")
        used = self.used[job]
        print(f"| {job} | {used:,.0f} | {asked:,} | {asked / used:.2f} |", flush=True)

    def path(self, *parts):
        """Handle of an artefact of the data set."""
        return self.folder.joinpath(self.dataset, *parts, "metadata.json")

    def wildcards(self, **names):
        """Wildcards of a job on the data set."""
        return SimpleNamespace(dataset=self.dataset, **names)

    def read_data(self):
        """Read the data set."""
        w = self.wildcards()
        asked = self.needs.dataset_memory(w, 1)
        source = self.plan.dataset_source(w).split()
        self.run("dataset", asked, "dataset", *source, "--output", self.data)

    def feature(self, name):
        """Compute a feature."""
        w = self.wildcards(feature=name)
        words = ["feature", self.data, "--name", name, "--settings", self.plan.feature_settings(w)]
        asked = self.needs.feature_memory(w, 1)
        self.run(f"feature {name}", asked, *words, "--output", self.path("features", name))

    def distances(self, feature, metric):
        """Compute a distance matrix."""
        w, output = (
            self.wildcards(feature=feature, metric=metric),
            self.path("distances", feature, metric),
        )
        asked = self.needs.distances_memory(w, 1)
        words = ["distances", self.path("features", feature), "--metric", metric]
        self.run(f"distances {feature} {metric}", asked, *words, "--output", output)
        return output

    def entry(self, feature, model):
        """Compute kernels, select, and fit the first fold."""
        w, own = self.wildcards(feature=feature, model=model), self.plan.settings.models[model]
        common = ["--dataset", self.data, "--settings", self.plan.model_settings(w)]
        shared = [self.distances(feature, metric) for metric in own.distances]
        values, name = self.path("features", feature), f"{feature}/{model}"
        parts = self.parts(feature, model) if in_parts(own) else []
        if own.share_kernels and not parts:
            shared.append(self.path("kernels", feature, model))
            words = ["kernels", values, "--dataset", self.data, "--output", shared[-1]]
            words += ["--settings", self.plan.kernel_settings(w)]
            self.run(f"kernels {name}", self.needs.kernels_memory(w, 1), *words)
        common += ["--feature", values, "--distances", *shared]
        folder, selection = self.folder / self.dataset / "models" / name, []
        if own.grid:
            selection = ["--selection", folder / "selection.parquet"]
            words = ["select", *common, "--folds", *"01234", "--output", selection[1]]
            words += ["--inner", folder / "inner.parquet", "--cost", folder / "selection.json"]
            self.run(f"select {name}", self.needs.select_memory(w, 1), *words)
        words = ["fit", *common, "--feature-name", feature, "--model", model, *selection]
        words += ["--parts", *parts, "--fold", "0", "--output", folder / "fold0"]
        self.run(f"fit {name}", self.needs.fit_memory(w, 1), *words)

    def parts(self, feature, model):
        """Compute the parts of the kernel of the first fold."""
        w, name = self.wildcards(feature=feature, model=model), f"{feature}/{model}"
        made = [self.path("parts", feature, model, "prepared")]
        words = ["prepare_parts", "--dataset", self.data, "--feature-name", feature]
        words += ["--feature", self.path("features", feature), "--model", model, "--fold", "0"]
        words += ["--settings", self.plan.parts_settings(w), "--output", made[0]]
        self.run(f"prepare_parts {name}", self.needs.kernels_memory(w, 1), *words)
        number = self.needs.parts(w)
        for i in range(number):
            made.append(self.path("parts", feature, model, f"part{i}of{number}"))
            words = ["part", made[0], "--number", i, "--parts", number, "--output", made[-1]]
            self.run(f"part {i} of {number} {name}", self.needs.part_memory(w, 1), *words)
        return made


def cut(models):
    """Models with the first values of their grids."""
    for model in models.values():
        grid = model.get("grid", {})
        model["grid"] = {name: values[: KEPT.get(name, 2)] for name, values in grid.items()}
    return models


def main():
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", choices=["qm7", "qm9small", "qm9"], default="qm7")
    parser.add_argument("--molecules", type=int, default=0, help="take N of them; 0 for all")
    parser.add_argument("--features", nargs="*", default=FEATURES)
    parser.add_argument("--entries", nargs="*", default=ENTRIES)
    parser.add_argument("--folder", type=Path, required=True, help="keeps what was computed")
    options = parser.parse_args()
    config, further = (
        yaml.safe_load((REPOSITORY / name).read_text(encoding="utf-8"))
        for name in ("config.yaml", "qm9.yaml")
    )
    config["models"] = further["models"] | config["models"]
    config |= {"dataset": "qm9small", "quick_molecules": options.molecules}  # leaves out nothing
    plan = Plan({**config, "models": cut(config["models"])})
    name = quick_name(options.dataset) if options.molecules else plain_name(options.dataset)
    options.folder.mkdir(parents=True, exist_ok=True)
    jobs = Jobs(plan, name, options.folder)
    print("| job | used, MB | asked, MB | asked / used |\n|---|---|---|---|")
    jobs.read_data()
    for feature in options.features:
        jobs.feature(feature)
    for entry in options.entries:
        jobs.entry(*entry.split("/"))


if __name__ == "__main__":
    main()
