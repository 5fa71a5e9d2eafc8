"""What config.yaml may say: one model for each section, with every key's type, default and meaning.

workflow/schemas/config.schema.yaml is generated from them by `qm7bench.configuration.schema`. What
`parameters` and `grid` may hold is declared by features and models.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from qm7bench.artefacts.artefact import canonical_json

FOLDS = (0, 1, 2, 3, 4)
NAME = r"^[a-z][a-z0-9_]*$"


def _each_once(values: list[Any]) -> list[Any]:
    if any(value in values[:i] for i, value in enumerate(values)):
        raise PydanticCustomError("repeated", "give each value once")
    return values


def _from_digits(value: Any) -> Any:
    """Integer that a text stands for: so Snakemake passes lists of the command line on."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _or_null(section: Any) -> BeforeValidator:
    """Let a section be left empty, which YAML reads as null."""
    return BeforeValidator(lambda v: {} if v is None else v, json_schema_input_type=section | None)


T = TypeVar("T")
Name = Annotated[str, Field(pattern=NAME)]
Positive = Annotated[int, Field(ge=1)]
NotNegative = Annotated[int, Field(ge=0), BeforeValidator(_from_digits)]
Fold = Annotated[int, Field(ge=FOLDS[0], le=FOLDS[-1]), BeforeValidator(_from_digits)]
Set = Annotated[list[T], AfterValidator(_each_once), Field(json_schema_extra={"uniqueItems": True})]
SomeOf = Annotated[Set[T], Field(min_length=1)]
Parameters = dict[str, Any]
Grid = dict[str, Annotated[list[Any], Field(min_length=1)]]


class Section(BaseModel):
    """Keys of config.yaml that stand together; any other key is an error."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True
    )

    def given(self) -> dict[str, Any]:
        """What the file says, without defaults."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class DatasetSection(Section):
    """A user's own data set."""

    file: str
    """Extended XYZ file, coordinates in Angstrom."""
    energy: str = "energy"
    """Key of the atomization energy in the comment line."""
    energy_unit: Literal["kcal/mol", "kJ/mol", "eV", "Hartree"] = "kcal/mol"
    """Unit of the energies in the file."""
    fold: str = "fold"
    """Key of the fold, 0 to 4, in the comment line; every molecule must then have it. Without this
    setting `fold` is used if the molecules have it; otherwise stratified folds are drawn."""


class FeatureSection(Section):
    """A representation."""

    module: str = ""
    """Module in src/qm7bench/features; the representation's own name if absent."""
    parameters: Parameters = {}
    """Parameters of the feature's class."""

    def canonical(self) -> str:
        """Everything that its artefact depends on besides data and code, as one JSON text."""
        return canonical_json({"module": self.module, "parameters": self.parameters})


class Resources(Section):
    """What one job of a model needs."""

    mem_mb: Positive | None = None
    """Memory in MB of each job. Without it, what the model works out from the size of the data set
    (kernels, neighbours, linear models); for others 2000 and three times their representation."""
    runtime: Positive = 10
    """Run time in minutes."""
    threads: Positive = 1
    """Threads of one job."""
    gpu: bool = False
    """Whether to ask the scheduler for a GPU."""


class PretrainingOfBudget(Section):
    """What a budget changes in a pretraining."""

    parameters: Parameters = {}
    """The model's parameters, where the pretraining's differ."""
    molecules: NotNegative = 0
    """At most N molecules to learn from, drawn at random; 0 for all."""


class Pretraining(PretrainingOfBudget):
    """What a network learns from before it sees the training folds."""

    dataset: Literal["qm9large"]
    """Data set to learn from, which holds no molecule of those predicted."""


class Budget(Section):
    """What a budget changes in a model."""

    parameters: Parameters = {}
    """Replace the model's parameters key by key."""
    grid: Grid = {}
    """Replaces the model's grid key by key."""
    pretraining: PretrainingOfBudget | None = None
    """Replaces the model's pretraining key by key."""


class ModelSection(Section):
    """A model."""

    module: str = ""
    """Module in src/qm7bench/models; the model's own name if absent."""
    features: SomeOf[str]
    """Features that the model is trained on: one entry of the leaderboard for each."""
    folds: SomeOf[Fold] | None = None
    """Test folds of this model, where it is too expensive for all those of the run."""
    training_molecules: NotNegative = 0
    """Learn from N training molecules of each fold only, the first draw of a learning curve, where
    all are too expensive; 0 for all. Such a model has no grid and shares no matrices."""
    parameters: Parameters = {}
    """Fixed parameters of the model's class."""
    grid: Grid = {}
    """Values to choose from inside the training folds, a list for each parameter."""
    seeds: Set[NotNegative] = []
    """Further entries NAME_seed1, NAME_seed2, ... which differ from NAME in their random numbers
    only; combine them as an ensemble."""
    distances: Set[Literal["squared_euclidean", "manhattan"]] = []
    """Distance matrices of the raw features that all folds share."""
    share_kernels: bool = False
    """Compute the kernel matrices of all grid points once, for the selection and all fits, or the
    kernel of each test fold in parts; for models whose class has `shared_arrays`, `shared_sums` or
    `compute_part`."""
    baseline: str = ""
    """Feature that holds energies of a cheaper method, such as `gfn2_xtb`: the model learns the
    difference (delta-learning). A separate track of the leaderboard."""
    pretraining: Pretraining | None = None
    """What a network learns from before the training folds: molecules of another data set. A
    separate track of the leaderboard."""
    budgets: dict[Literal["quick", "full"], Annotated[Budget, _or_null(Budget)]] = {}
    """Parameters, grids and pretrainings of the budgets quick and full, which replace those above
    key by key. A model with budgets but no quick one is left out of quick runs."""
    resources: Resources = Resources()
    """What one job of this model needs: a cluster's scheduler gives it, and a local run keeps
    within the machine's memory."""


class EnsembleSection(Section):
    """An entry that combines others."""

    members: SomeOf[str]
    """Entries to combine, two or more, as FEATURE/MODEL without a budget's ending; * stands for any
    characters, as in radius_graph/painn*."""
    weights: Literal["learned", "equal"] = "learned"
    """equal: the plain mean. learned: non-negative weights with sum one that minimise the mean
    absolute error inside the training folds, for molecules that the members were not fitted to."""
    inner_pairs: Literal["all", "ring"] = "all"
    """Learned weights need fits without two folds. Models with a grid have them from their
    selection; others are fitted for all ten pairs, or for a ring of five (01 12 23 34 40), so that
    the weights for each test fold are learned on its two neighbours."""


class CurveSizes(Section):
    """Sizes, draws and folds of learning curves."""

    sizes: SomeOf[Annotated[int, Field(ge=10)]] = [100, 200, 400, 800, 1600, 3200]
    """Numbers of training molecules; those that the training folds do not exceed are left out."""
    draws: Positive = 3
    """Random draws for each size and fold."""
    folds: SomeOf[Fold] = list(FOLDS)
    """Test folds; those among them that are run have points."""


class CurveSection(CurveSizes):
    """Learning curve of an entry."""

    network_training: Literal["equal_steps", "equal_epochs"] = "equal_steps"
    """How long networks train on fewer molecules: as many steps as on all of them, so that every
    point costs as much as a fit; or as many epochs, which is cheap and leaves small sizes
    undertrained."""


class LearningCurves(CurveSection):
    """Learning curves: what holds for all, and whose."""

    quick: CurveSizes | None = None
    """What holds in the quick budget, in which models with budgets have no curves; without this key
    no model has any there."""
    rows: dict[str, Annotated[CurveSection, _or_null(CurveSection)]] = {}
    """Entries as FEATURE/MODEL without a budget's ending, each with what differs from the keys
    above. Only those that are run have curves."""


class GeometrySection(Section):
    """Test of predictions for geometries that a cheaper method relaxed."""

    molecules: Positive = 300
    """Test molecules, drawn at random from the first of the test folds."""
    rows: Set[str] = []
    """Entries as FEATURE/MODEL without a budget's ending; * stands for any characters. All that are
    run if empty; ensembles are left out."""


class Configuration(Section):
    """Everything that a user may set. A key that is not described here is an error."""

    dataset: str = "auto"
    """qm7, qm9small, qm9large, qm9, qm7_by_size, qm9_by_size, a name from `datasets`, or auto: qm7
    where its file is at hand or one of its hosts answers within two seconds, otherwise qm9small."""
    folds: SomeOf[Fold] = list(FOLDS)
    """Test folds to evaluate, from 0 to 4."""
    quick_folds: SomeOf[Fold] | None = None
    """Test folds of the quick budget; those of `folds` if absent."""
    quick_molecules: NotNegative = 0
    """The quick budget's data set has N molecules, spread over folds, elements and energies; its
    name and its folder end in -quick. 0 for all."""
    seed: int = 0
    """Changes every random draw; each job's own seed is derived from it."""
    budget: Literal["none", "quick", "full"] = "full"
    """Which of the settings under a model's `budgets` hold; models without budgets are the same in
    both. `none` leaves out the models that have budgets, which are the neural networks."""
    only: list[str] = []
    """Names of the models and ensembles to run, all if empty; * stands for any characters, as in
    kernel_ridge*. An ensemble brings its members with it."""
    datasets: dict[Name, DatasetSection] = {}
    """A user's own data sets, by name."""
    features: dict[Name, Annotated[FeatureSection, _or_null(FeatureSection)]]
    """Representations by name, which is the module in src/qm7bench/features unless `module` names
    another."""
    models: dict[Name, ModelSection]
    """Models by name, which is the module in src/qm7bench/models unless `module` names another."""
    ensembles: dict[Name, EnsembleSection] = {}
    """Entries that combine others, by name; "ensemble" stands for their feature."""
    learning_curves: Annotated[LearningCurves, _or_null(LearningCurves)] = LearningCurves()
    """Entries that are also trained on parts of their training molecules, one job for each entry,
    fold, size and draw. Parts are stratified by energy, the same for all entries, and smaller ones
    of a draw are contained in larger ones. Hyper-parameters are chosen inside them. The entries of
    the leaderboard are the last points of their curves."""

    geometry: GeometrySection = GeometrySection()
    """Which entries predict molecules that GFN2-xTB relaxed; made only where it is asked for by
    name, as results/qm7/beyond/geometry.parquet."""

    @property
    def folds_of_run(self) -> tuple[int, ...]:
        """Test folds of the budget, ascending."""
        quick = self.quick_folds if self.budget == "quick" else None
        return tuple(sorted(quick or self.folds))

    @field_validator("features", "models")
    @classmethod
    def _named_modules(cls, entries: dict[str, Any]) -> dict[str, Any]:
        """Entries with their own names for modules that they do not name."""
        named = {name: {"module": entry.module or name} for name, entry in entries.items()}
        return {name: entry.model_copy(update=named[name]) for name, entry in entries.items()}
