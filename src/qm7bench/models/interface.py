"""What a model must offer, and what it may: the Protocols that models meet.

A model derives from `Model`, which has defaults for everything but fitting, predicting and keeping
the result. What only some models can do is a Protocol of its own, found by
`isinstance(model, GivesUncertainty)` or, for a class, `issubclass(cls, SharesCrossValidation)`; a
model meets it by having its members. How to write one: docs/contract.md.
"""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.invariance import INVARIANT, Dependence
from qm7bench.layouts.work import Job, Work

Floats = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]
Folds = tuple[int, ...]
Points = list[dict[str, Any]]
"""Parameters of grid points."""
ByTrainingSet = dict[Folds, Floats]
"""Predictions (points, n) by set of training folds."""


@runtime_checkable
class Model(Protocol):
    """A model of energies: a dataclass whose fields are its parameters, stored unmodified.

    `features` are what `qm7bench.layouts.loading` makes of a representation's arrays, molecules to
    be selected by index: a plain array or a `FeatureTable`, `MoleculeGraphs`, or
    `AtomRepresentations`. Energies are in kcal/mol.

    Attributes
    ----------
    family : str
        Kind of model, by which the leaderboard is filtered: kernel, network, linear, neighbours,
        mean, or a word of its own.
    instead : tuple of str
        Modules of models to take where this one needs too much memory, the best first.
    shared_parameters : tuple of str
        Parameters that shared kernels or sums depend on: a change of others recomputes none.
    predicts_unknown_elements : bool
        Whether predictions are sound for molecules with an element that no training molecule has.
        Elsewhere such molecules get no prediction, NaN, without the model being asked.
    """

    family: ClassVar[str] = "other"
    instead: ClassVar[tuple[str, ...]] = ()
    shared_parameters: ClassVar[tuple[str, ...]] = ()
    predicts_unknown_elements: ClassVar[bool] = False

    @abstractmethod
    def fit(self, features: Any, energies: Floats, /) -> Self:
        """Fit to n molecules and their energies (n,), and return the model.

        Raises
        ------
        ModelError
            If it cannot be fitted; the message says which parameter to change.
        """

    @abstractmethod
    def predict(self, features: Any, /) -> Floats:
        """Energies (n,), of each molecule independently of the others.

        Raises
        ------
        ModelError
            If it cannot be predicted: an element without training molecules, for example.
        """

    @abstractmethod
    def state(self) -> Arrays:
        """Arrays from which `restore` makes the fitted model; no Python objects."""

    @abstractmethod
    def restore(self, arrays: Arrays, /) -> Self:
        """Become the fitted model whose `state` these arrays are, and return it.

        The parameters are those of the fitted model already.
        """

    @property
    @abstractmethod
    def number_of_parameters(self) -> int:
        """How many numbers the fit determined."""

    @property
    def depends_on(self) -> frozenset[Dependence]:
        """What predictions depend on besides the molecules, given invariant features."""
        return INVARIANT

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters by name, as scikit-learn asks for them; no parameter is itself a model."""
        fields = dataclasses.fields(cast(Any, self))
        return {field.name: getattr(self, field.name) for field in fields if field.init}

    def set_params(self, **parameters: Any) -> Self:
        """Change some parameters, as scikit-learn does; a fitted model is to be fitted again.

        Raises
        ------
        ValueError
            If there is no such parameter.
        """
        known = self.get_params()
        for name, value in parameters.items():
            if name not in known:
                raise ValueError(
                    f"{type(self).__name__} has no parameter {name!r}; it has: {', '.join(known)}"
                )
            setattr(self, name, value)
        return self


@runtime_checkable
class GivesUncertainty(Protocol):
    """A model that knows how uncertain each of its predictions is."""

    def uncertainty(self, features: Any, /) -> Floats:
        """Standard deviation (n,) of each prediction, in kcal/mol."""


@runtime_checkable
class GivesDistances(Protocol):
    """A model of atoms that knows how far each of them is from those that it was fitted to."""

    def predict_with_distances(self, features: Any, /) -> tuple[Floats, Floats]:
        """Energies (n,) in kcal/mol, and distances (N,) of the atoms of all n molecules."""


@runtime_checkable
class TrainsInEpochs(Protocol):
    """A model that takes long to train: it is interrupted and resumed, and shows its progress.

    Attributes
    ----------
    workspace : Path or None
        Folder for checkpoints, set before `fit`; a `fit` that finds a checkpoint there resumes.
    watch : tuple of features and energies (m,), or None
        Molecules whose error is recorded while it trains, and nothing else, set before `fit`.
    history : list of dict
        One record for each epoch that was evaluated, set by `fit`. `seconds` counts the CPU
        seconds of the whole training, earlier processes included.
    """

    workspace: Path | None
    watch: tuple[Any, Floats] | None
    history: list[dict[str, Any]]


@dataclass(frozen=True)
class MoleculesInFolds:
    """Molecules that are left out fold by fold.

    Attributes
    ----------
    features : object that can be indexed by molecule
        Of n molecules.
    energies : float64 array of shape (n,)
        In kcal/mol.
    folds : int64 array of shape (n,)
    training_sets : list of tuples of int
        Sets of folds to be trained on, each for predictions of the other molecules.
    """

    features: Any
    energies: Floats
    folds: NDArray[np.int64]
    training_sets: list[Folds]

    def inside(self, training_set: Folds) -> NDArray[np.bool_]:
        """Which molecules (n,) belong to a set of training folds."""
        return np.isin(self.folds, training_set)

    def unpredicted(self, points: Points) -> ByTrainingSet:
        """Arrays of NaN, to be filled in."""
        return {s: np.full((len(points), len(self.energies)), np.nan) for s in self.training_sets}


@runtime_checkable
class SharesCrossValidation(Protocol):
    """A model whose fits share work between grid points or between sets of training folds."""

    @classmethod
    def cross_validate(cls, points: Points, molecules: MoleculesInFolds, /) -> ByTrainingSet:
        """Predictions (points, n) of each set of training folds, as refits would give them.

        NaN for the molecules of the training folds, and where a fit failed.
        """


@runtime_checkable
class SharesKernels(Protocol):
    """A model whose kernel matrices serve the selection and all fits, as an artefact of their own.

    Asked for by `share_kernels` in `config.yaml`.
    """

    @classmethod
    def shared_arrays(cls, points: Points, features: Any, known: Arrays, /) -> Arrays:
        """Matrices (n, n) of all grid points, and what else belongs to them.

        The layout's `with_shared` puts them beside the features, memory-mapped.

        Parameters
        ----------
        known : dict of arrays
            What an earlier job with the same features and code made, for other grid points perhaps:
            those that are wanted again come back as they are.
        """


@runtime_checkable
class SharesSums(Protocol):
    """A model whose sums over the molecules of each fold serve the selection and all fits.

    As `SharesKernels`, but the sums depend on energies and folds too.
    """

    @classmethod
    def shared_sums(
        cls,
        points: Points,
        features: Any,
        energies: Floats,
        folds: NDArray[np.int64],
        known: Arrays,
        /,
    ) -> Arrays:
        """Sums of all grid points and folds, and what else belongs to them.

        `known` is as for `SharesKernels`, from the same energies and folds.
        """


@runtime_checkable
class SharesParts(Protocol):
    """A model whose kernel of one fold is computed in parts, each by a job of its own.

    As `SharesKernels`; the parts depend on `shared_parameters`, on the fold and on no energy. What
    `prepare_parts` and all calls of `compute_part` return is put beside the features of the fit.
    """

    @classmethod
    def parts(cls, points: Points, work: Work, /) -> int:
        """How many parts there are."""

    def prepare_parts(
        self, features: Any, training: NDArray[np.int64], others: NDArray[np.int64], /
    ) -> Arrays:
        """What all parts are computed from.

        Parameters
        ----------
        features : object that can be indexed by molecule
            Of all molecules of the data set.
        training, others : int64 arrays
            Indices of the molecules of the training folds, and of the test fold.
        """

    def compute_part(self, prepared: Arrays, number: int, parts: int, /) -> Arrays:
        """Part of this number, from 0 on, of so many."""


@runtime_checkable
class LearnsFromSome(Protocol):
    """A fitted model that may have learned from some of its training molecules only."""

    @property
    def learned_from(self) -> int:
        """Number of molecules that it learned from."""


@runtime_checkable
class StatesMemory(Protocol):
    """A model that knows how much memory its jobs take."""

    @classmethod
    def memory(cls, job: Job, points: Points, work: Work, /) -> int:
        """Bytes that a job takes at most, with the files that it reads, without the libraries."""


@runtime_checkable
class StatesDisk(Protocol):
    """A model that knows how much its shared kernels or sums take on the disk."""

    @classmethod
    def disk(cls, points: Points, work: Work, /) -> int:
        """Bytes of what is shared by all grid points."""


@runtime_checkable
class StartsFromWeights(Protocol):
    """A network that can start from the weights of one that was pretrained on other molecules.

    Attributes
    ----------
    element_weights : tuple of str
        Names of weights that have one row for each element, from row 1 on; those of elements that
        the pretrained network had not keep their initial values. Empty: it cannot start from
        others' weights after all.
    """

    element_weights: ClassVar[tuple[str, ...]]

    def start_from(self, arrays: Arrays, /) -> None:
        """Let `fit` begin with the weights in the `state` of another fitted model."""
