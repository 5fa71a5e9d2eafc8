"""What the rules ask: inputs, parameters and resources of a job, from its wildcards.

Plain functions of the settings, so that they can be tested without Snakemake.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qm7bench.artefacts import results_tree as tree
from qm7bench.artefacts.artefact import canonical_json, sha256_of
from qm7bench.configuration.entries import CurveEntry, EnsembleEntry, ModelEntry
from qm7bench.configuration.repeated_keys import refuse_repeated_keys
from qm7bench.configuration.settings import load_settings
from qm7bench.datasets.auto import resolve
from qm7bench.errors import ConfigurationError
from qm7bench.layouts.loading import LAYOUT_MODULES
from qm7bench.planning.limits import Limits
from qm7bench.planning.needs import Needs, has_epochs, in_parts
from qm7bench.planning.source_inputs import code, layout_of
from qm7bench.registry.modules import module_name


class Plan:
    """The settings as the rules see them; `w` stands for a job's wildcards."""

    def __init__(
        self, config: dict[str, Any], files: Iterable[str] = (), memory: int | None = None
    ) -> None:
        """Check the configuration, and the files that it was read from.

        Parameters
        ----------
        memory : int, optional
            MB that one job can have; what needs more is left out.

        Raises
        ------
        ConfigurationError
            With one line for each error.
        """
        for file in files:
            refuse_repeated_keys(Path(file))
        self.settings = load_settings(config, Limits(memory))
        self.needs = Needs.of(self.settings)
        self._target: str | None = None

    def notes(self) -> list[str]:
        """What a user should know of a run before it begins: a line for each entry left out."""
        return [f"left out: {name} ({reason})" for name, reason in self.settings.left_out.items()]

    def target_dataset(self) -> str:
        """Data set of the default target; `auto` is decided at the first call."""
        self._target = self._target or resolve(self.settings.dataset)
        few = self.settings.budget == "quick" and self.settings.quick_molecules
        return tree.quick_name(self._target) if few else self._target

    def dataset_source(self, w: Any) -> str:
        """Name of the data set to load, with the option that takes a few of its molecules."""
        name = tree.plain_name(w.dataset)
        if name == w.dataset:
            return name
        return f"{name} --molecules {self.settings.quick_molecules}"

    def dataset_settings(self, w: Any) -> str:
        """Settings of the data set as canonical JSON, with the checksum of a user's own file.

        So other molecules in the file are noticed whatever its size, and touching it is not.
        """
        name = tree.plain_name(w.dataset)
        settings = self.settings.datasets.get(name, {})
        if "file" in settings:
            file = Path(settings["file"])
            if not file.is_file():
                raise ConfigurationError(f"datasets.{name}.file: '{file}' does not exist")
            settings = {**settings, "sha256": sha256_of(file)}
        return canonical_json(settings)

    def model(self, w: Any) -> ModelEntry:
        """Entry of the model."""
        return self.settings.models[w.model]

    def feature_settings(self, w: Any) -> str:
        """Settings of the feature as canonical JSON."""
        return self.settings.features[w.feature].canonical()

    def model_settings(self, w: Any) -> str:
        """Settings of the model as canonical JSON."""
        return self.model(w).canonical(self.settings.seed)

    def kernel_settings(self, w: Any) -> str:
        """What a model's shared kernels depend on, as canonical JSON: not its regularisation."""
        return self.model(w).canonical_kernels()

    def feature_code(self, w: Any) -> list[str]:
        """Source files of a feature's job."""
        module = self.settings.features[w.feature].module
        return code("qm7bench.commands.feature", module_name("features", module))

    def model_code(self, command: str) -> Any:
        """Input function: source files of a `select` or `fit` job, its model's and no other's."""

        def of_job(w: Any) -> list[str]:
            feature = self.settings.features[w.feature].module
            modules = [f"qm7bench.commands.{command}", module_name("models", self.model(w).module)]
            layout = layout_of(feature)
            if layout != "tabular" or self.model(w).distances:
                modules.append(LAYOUT_MODULES[layout])
            if command == "predict" and self.model(w).baseline:
                baseline = self.settings.features[self.model(w).baseline].module
                modules.append(module_name("features", baseline))
            return code(*modules)

        return of_job

    def distances(self, w: Any) -> list[str]:
        """Shared distance and kernel matrices that the model reads."""
        names = {"dataset": w.dataset, "feature": w.feature}
        metrics = self.model(w).distances
        files = [tree.filled(tree.DISTANCES, metric=metric, **names) for metric in metrics]
        if self.model(w).share_kernels and not in_parts(self.model(w)):
            files.append(tree.filled(tree.KERNELS, model=w.model, **names))
        return files

    def parts(self, w: Any) -> list[str]:
        """Parts of the kernel of the fold's molecules, and what they are computed from."""
        if not in_parts(self.model(w)):
            return []
        names = {"dataset": w.dataset, "feature": w.feature, "model": w.model, "fold": w.fold}
        parts = self.needs.parts(w)
        numbered = (tree.filled(tree.PART, number=i, parts=parts, **names) for i in range(parts))
        return [tree.filled(tree.PREPARED, **names), *numbered]

    def parts_settings(self, w: Any) -> str:
        """What parts of a model's kernel depend on, as canonical JSON: not its regularisation."""
        return self.model(w).canonical_parts(self.settings.seed)

    def selection(self, w: Any) -> list[str]:
        """Table of grid points, for models with a grid."""
        if not self.model(w).grid:
            return []
        return [str(entry_files(w.dataset, w.feature, w.model).selection)]

    def baseline(self, w: Any) -> list[str]:
        """Energies that the model learns to correct, if any."""
        name = self.model(w).baseline
        return [tree.filled(tree.FEATURE, dataset=w.dataset, feature=name)] if name else []

    def pretrained(self, w: Any) -> list[str]:
        """Pretrained model that the model's fits begin with, if any."""
        pretraining = self.model(w).pretraining
        if pretraining is None:
            return []
        names = {"dataset": pretraining.dataset, "feature": w.feature, "model": w.model}
        return [tree.filled(tree.PRETRAINING.model, **names)]

    def pretraining_settings(self, w: Any) -> str:
        """Settings of the model's pretraining as canonical JSON."""
        return self.model(w).canonical_pretraining(self.settings.seed)

    def folds(self) -> str:
        """Test folds, as a command line takes them."""
        return " ".join(map(str, self.settings.folds))

    def model_folds(self, w: Any) -> str:
        """Test folds of the model, as a command line takes them."""
        return " ".join(map(str, self.settings.folds_of(w.model)))

    def entry_inputs(self, w: Any) -> list[str]:
        """Files that the leaderboard is made from; each holds the checksum of its table."""
        files = []
        for entry in self._entries(w.dataset):
            files += [entry.fit(fold).metrics for fold in self._folds_of(entry)]
            if self._has_grid(entry):
                files.append(entry.selection_cost)
        return list(map(str, files))

    def results(self, dataset: str) -> list[str]:
        """Everything that is made for reading, each named, so that a removed file is noticed.

        Features and distances are not: they may be deleted once all fits are there.
        """
        made: list[str | Path] = [f"{tree.SUMMARY}{ending}" for ending in tree.TABLE_ENDINGS]
        made += [tree.REPORT, tree.EXPLORER]
        made += self._beyond_tables(tree.TABLE_ENDINGS)
        if self.settings.curves:
            made += [f"{tree.LEARNING_CURVES}{ending}" for ending in tree.TABLE_ENDINGS]
        files = [tree.filled(path, dataset=dataset) for path in made]
        for curve in self.settings.curves:
            files += point_files(dataset, curve)
        for entry in self._entries(dataset):
            for fit in map(entry.fit, self._folds_of(entry)):
                files += map(str, (fit.predictions, fit.metrics, fit.model, fit.arrays))
            if self._has_grid(entry):
                files += map(str, (entry.selection, entry.selection_cost))
        return files

    def _entries(self, dataset: str) -> list[tree.EntryFiles]:
        """Files of every entry of the leaderboard, those of ensembles last."""
        entries = [*self.settings.entries(), *self.settings.ensemble_entries()]
        return [entry_files(dataset, *entry) for entry in entries]

    def _folds_of(self, entry: tree.EntryFiles) -> tuple[int, ...]:
        return self.settings.folds_of(entry.folder.name)

    def _has_grid(self, entry: tree.EntryFiles) -> bool:
        name = entry.folder.name
        return name in self.settings.models and bool(self.settings.models[name].grid)

    def entry_names(self) -> str:
        """Entries of the leaderboard, as a command line takes them: with folds of their own."""
        words = []
        for feature, model in [*self.settings.entries(), *self.settings.ensemble_entries()]:
            own = self.settings.folds_of(model)
            folds = "" if own == self.settings.folds else f":{','.join(map(str, own))}"
            words.append(f"{feature}/{model}{folds}")
        return " ".join(words)

    def curve_files(self, w: Any) -> list[str]:
        """Files that learning curves are made from: points, and fits on all molecules."""
        files = []
        for curve in self.settings.curves:
            files += point_files(w.dataset, curve)
            for fit in map(entry_files(w.dataset, curve.feature, curve.model).fit, curve.folds):
                files += map(str, (fit.metrics, fit.model))
        return files

    def curves(self) -> str:
        """Learning curves as canonical JSON, for their table."""
        return canonical_json([curve.for_table() for curve in self.settings.curves])

    def curve_table(self, w: Any) -> list[str]:
        """Table of learning curves that the report shows, if there are any."""
        table = tree.filled(f"{tree.LEARNING_CURVES}.parquet", dataset=w.dataset)
        return [table] if self.settings.curves else []

    def beyond_tables(self, w: Any) -> list[str]:
        """Tables of the tests beyond the random fold, which the report shows."""
        return [tree.filled(path, dataset=w.dataset) for path in self._beyond_tables((".parquet",))]

    def _beyond_tables(self, endings: Iterable[str]) -> list[str]:
        """Patterns of the tables, with the data set to be filled in."""
        names = {"dataset": "{dataset}"}
        return [
            tree.filled(f"{tree.BEYOND}{ending}", track=track, **names)
            for track in tree.TRACKS
            for ending in endings
        ]

    def beyond_code(self, w: Any) -> list[str]:
        """Source files of a test beyond the random fold, its track's and no other's."""
        return code("qm7bench.commands.beyond", f"qm7bench.beyond.{w.track}")

    def network_training(self, w: Any) -> str:
        """How long a point's network trains; always the same word for models without epochs."""
        if not has_epochs(self.model(w)):
            return "equal_steps"
        row = (w.feature, w.model)
        found = (c for c in self.settings.curves if (c.feature, c.model) == row)
        return next((c.network_training for c in found), "equal_steps")

    def ensemble(self, w: Any) -> EnsembleEntry:
        """Entry of the ensemble."""
        return self.settings.ensembles[w.ensemble]

    def inner_folds(self, w: Any) -> tuple[int, ...]:
        """Folds whose inner predictions give an ensemble's weights for a test fold."""
        return self.ensemble(w).inner_folds(int(w.fold))

    def members(self, w: Any) -> list[str]:
        """Files of an ensemble's members for a test fold; each holds the checksum of others."""
        files = []
        for feature, model in self.ensemble(w).members:
            entry = entry_files(w.dataset, feature, model)
            files += [entry.fit(w.fold).metrics, entry.fit(w.fold).model]
            if self.settings.models[model].grid:
                files.append(entry.selection_cost)
                continue
            pairs = (sorted((int(w.fold), j)) for j in self.inner_folds(w))
            files += [entry.without(*pair).metrics for pair in pairs]
        return list(map(str, files))

    def combination(self, w: Any) -> str:
        """How an ensemble is combined, as a command line takes it."""
        entry = self.ensemble(w)
        words = ["--members", *("/".join(row) for row in entry.members)]
        words += ["--weights", entry.weights, "--inner-folds", *map(str, self.inner_folds(w))]
        return " ".join(words)


def entry_files(dataset: str, feature: str, model: str) -> tree.EntryFiles:
    """Files of an entry of a data set's leaderboard."""
    return tree.EntryFiles(Path(tree.filled(tree.MODELS, dataset=dataset)) / feature / model)


def point_files(dataset: str, curve: CurveEntry) -> list[str]:
    """Files of the points of a learning curve."""
    names = {"dataset": dataset, "feature": curve.feature, "model": curve.model}
    return [
        tree.filled(tree.CURVE_POINT, fold=k, size=n, draw=i, **names) for k, n, i in curve.points()
    ]
