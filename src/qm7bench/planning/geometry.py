"""What the rules of relaxed molecules ask: which entries predict them, and their fitted models."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import Any

from qm7bench.artefacts.results_tree import plain_name
from qm7bench.configuration.settings import Settings
from qm7bench.errors import ConfigurationError
from qm7bench.planning.jobs import entry_files
from qm7bench.planning.source_inputs import code
from qm7bench.registry.modules import module_name


@dataclass(frozen=True)
class GeometryPlan:
    """The section `geometry` as the rules see it; `w` stands for a job's wildcards."""

    settings: Settings

    @property
    def fold(self) -> int:
        """Test fold whose molecules are relaxed: the first of the run."""
        return self.settings.folds[0]

    @property
    def molecules(self) -> int:
        """How many of them."""
        return self.settings.geometry.molecules

    @property
    def seed(self) -> int:
        """Of the draw."""
        return self.settings.seed

    def entries(self) -> list[tuple[str, str]]:
        """Feature and model of the entries that have the fold.

        Raises
        ------
        ConfigurationError
            If the run has none of them.
        """
        patterns = self.settings.geometry.rows or ["*"]
        found = [
            (feature, model)
            for feature, model in self.settings.entries()
            if self.fold in self.settings.folds_of(model)
            and any(fnmatch.fnmatchcase(f"{feature}/{plain_name(model)}", p) for p in patterns)
        ]
        if not found:
            raise ConfigurationError(
                "config.yaml: geometry.rows: this run has none of these entries; widen `only` or "
                "name others"
            )
        return found

    def names(self, w: Any) -> str:
        """Entries as a command line takes them."""
        return " ".join("/".join(entry) for entry in self.entries())

    def fits(self, w: Any) -> list[str]:
        """Files of the fitted models; each holds the checksum of others."""
        files = []
        for feature, model in self.entries():
            entry = entry_files(w.dataset, feature, model)
            fit = entry.fit(self.fold)
            files += [fit.metrics, fit.model, fit.arrays, fit.predictions]
            if self.settings.models[model].grid:
                files.append(entry.selection_cost)
        return list(map(str, files))

    def code(self, w: Any) -> list[str]:
        """Source files of the job: its command's, and those of every representation and model."""
        modules = {"qm7bench.commands.geometry"}
        for feature, model in self.entries():
            own = self.settings.models[model]
            features = [feature, *([own.baseline] if own.baseline else [])]
            modules.add(module_name("models", own.module))
            modules |= {
                module_name("features", self.settings.features[name].module) for name in features
            }
        return code(*sorted(modules))
