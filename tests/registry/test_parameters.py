"""Parameter types, and reading them from source without importing it."""

from __future__ import annotations

import dataclasses
import json
import math
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from qm7bench.registry.modules import known, load, parameters_of
from qm7bench.registry.parameters import Parameter, class_name, declared_parameters

GOOD = {
    "float": [0, -1.5, 1e300],
    "PositiveFloat": [1e-300, 1, 2.5],
    "NonNegativeFloat": [0, 0.0, 3],
    "Fraction": [0.5, 1e-9],
    "int": [-3, 0, 7],
    "PositiveInt": [1, 10**9],
    "NonNegativeInt": [0, 5],
    "bool": [True, False],
    "str": ["", "a"],
}
BAD = {
    "float": [True, "1.0", None, math.nan, math.inf, [1.0]],
    "PositiveFloat": [0, -1e-300, "1e-7", False, math.inf],
    "NonNegativeFloat": [-1e-300, None, math.nan],
    "Fraction": [0, 1, 1.0, -0.5, "0.5"],
    "int": [1.0, True, "1"],
    "PositiveInt": [0, -1, 1.5, True],
    "NonNegativeInt": [-1, 0.0],
    "bool": [0, 1, "true", None],
    "str": [1, None, True],
}


@pytest.mark.parametrize(("name", "value"), [(t, v) for t, many in GOOD.items() for v in many])
def test_good_values_are_accepted(name, value):
    assert Parameter("x", name).accepts(value)


@pytest.mark.parametrize(("name", "value"), [(t, v) for t, many in BAD.items() for v in many])
def test_bad_values_are_refused(name, value):
    assert not Parameter("x", name).accepts(value)


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)


@given(VALUES)
def test_types_accept_what_their_names_say(value):
    number = isinstance(value, int | float) and not isinstance(value, bool)
    number = number and math.isfinite(value)
    whole = number and isinstance(value, int)
    expected = {
        "float": number,
        "PositiveFloat": number and value > 0,
        "NonNegativeFloat": number and value >= 0,
        "Fraction": number and 0 < value < 1,
        "int": whole,
        "PositiveInt": whole and value > 0,
        "NonNegativeInt": whole and value >= 0,
        "bool": value is True or value is False,
        "str": isinstance(value, str),
    }
    assert {name: Parameter("x", name).accepts(value) for name in GOOD} == expected


@given(VALUES)
def test_what_a_number_type_accepts_is_the_same_from_yaml(value):
    """As the value comes from config.yaml, so that nothing is accepted that changes on the way."""
    if Parameter("x", "float").accepts(value):
        assert yaml.safe_load(yaml.safe_dump(value)) == value


def test_choices_are_compared_with_their_type():
    parameter = Parameter("p", "Literal", (1, 2))
    assert parameter.accepts(1)
    assert not parameter.accepts(1.0)
    assert not parameter.accepts(True)
    assert parameter.allowed() == "one of 1, 2"


@pytest.mark.parametrize(
    ("module", "name"),
    [("ridge", "Ridge"), ("k_nearest_neighbours", "KNearestNeighbours"), ("a_1", "A1")],
)
def test_a_class_is_named_after_its_module(module, name):
    assert class_name(module) == name


@pytest.fixture
def source(tmp_path):
    """Write a module `my_model` with the given class body."""

    def write(body, name="MyModel"):
        path = tmp_path / "my_model.py"
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        path.write_text(f"import no_such_package\n\n@dataclass\nclass {name}:\n{lines}")
        return path

    return write


def test_parameters_are_read_without_importing_the_module(source):
    found = declared_parameters(
        source(
            'units: ClassVar[str] = "Hartree"\n'
            "alpha: PositiveFloat = 1.0e-6\n"
            "layers: PositiveInt\n"
            'kernel: Literal["gaussian", "laplacian"] = "gaussian"\n'
            'only: Literal["one"] = "one"\n'
            "negative: float = -1.5\n"
            "history: list[dict] = field(default_factory=list, init=False)\n"
            "workspace: Path | None = field(default=None, init=False, repr=False)"
        )
    )
    assert list(found) == ["alpha", "layers", "kernel", "only", "negative"]
    assert found["alpha"].default == 1e-6
    assert found["layers"].required
    assert not found["alpha"].required
    assert found["kernel"].choices == ("gaussian", "laplacian")
    assert found["only"].choices == ("one",)
    assert found["negative"].default == -1.5


def test_a_type_outside_the_vocabulary_is_the_authors_error(source):
    with pytest.raises(ValueError, match=r"parameter sizes: type list\[int\] is not in"):
        declared_parameters(source("sizes: list[int] = [1]"))


INHERITING = """
import no_such_package
from no_such_package import Outside
from qm7bench.training.parameters import LossAndSchedule, TrainingParameters as Shared

@dataclass
class Above:
    first: PositiveInt = 1
    second: PositiveInt = 2

@dataclass
class Beside(Above):
    third: PositiveInt
    second: PositiveFloat = 2.5

class Plain:
    not_a_parameter: str

@dataclass(frozen=True)
class MyModel(Outside, Plain, LossAndSchedule, Beside, no_such_package.Base):
    first: ClassVar[int] = 1
    loss: Literal["l2"] = "l2"
    fourth: bool = True
"""


def test_parameters_of_base_classes_come_first_and_may_be_declared_again(tmp_path):
    path = tmp_path / "my_model.py"
    path.write_text(INHERITING)
    found = declared_parameters(path)
    assert list(found) == [
        *("second", "third"),
        *("loss", "schedule", "plateau_factor", "plateau_patience"),
        "fourth",
    ]
    assert found["second"] == Parameter("second", "PositiveFloat", (), 2.5)
    assert found["loss"].choices == ("l2",)


def test_a_base_class_under_another_name_is_found(tmp_path):
    path = tmp_path / "my_model.py"
    path.write_text(INHERITING.replace("LossAndSchedule, Beside", "Shared"))
    found = declared_parameters(path)
    assert list(found)[:2] == ["epochs", "batch_size"]
    assert not {"workspace", "history", "watch"} & found.keys()


def test_a_base_class_that_is_not_where_it_is_imported_from_is_the_authors_error(tmp_path):
    path = tmp_path / "my_model.py"
    path.write_text(INHERITING.replace("LossAndSchedule", "Moved"))
    with pytest.raises(ValueError, match=r"training.parameters.py: no class Moved"):
        declared_parameters(path)


CLASS_NAMES = ["First", "Second", "Third", "MyModel"]
FIELDS = st.dictionaries(
    st.sampled_from("abcdef"),
    st.sampled_from(
        ["int = 1", "int = 2", "bool = True", "ClassVar[int] = 3", "list = field(init=False)"]
    ),
    max_size=4,
)


@st.composite
def hierarchies(draw):
    """Source of four dataclasses; each derives from some of those before it, shared by none."""
    lines, free = ["from dataclasses import dataclass, field", "from typing import ClassVar"], []
    for name in CLASS_NAMES:
        bases = draw(st.permutations(free))[: draw(st.integers(0, len(free)))]
        free = [other for other in free if other not in bases] + [name]
        lines += ["@dataclass", f"class {name}({', '.join(bases)}):", "    pass"]
        lines += [f"    {field}: {rest}" for field, rest in draw(FIELDS).items()]
    return "\n".join(lines)


@given(hierarchies())
def test_inherited_parameters_are_those_of_python_itself(source):
    names = {}
    exec(compile(source, "source", "exec", dont_inherit=True), names)
    expected = [(f.name, f.default) for f in dataclasses.fields(names["MyModel"]) if f.init]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "my_model.py"
        path.write_text(source)
        found = [(p.name, p.default) for p in declared_parameters(path).values()]
    assert found == expected


@pytest.mark.parametrize("name", known("models"))
def test_declared_parameters_are_those_of_the_dataclass_in_its_order(name):
    fields = [(f.name, f.default) for f in dataclasses.fields(load("models", name)) if f.init]
    declared = parameters_of("models", name).values()
    assert [(p.name, p.default) for p in declared] == fields


@pytest.mark.parametrize("name", known("models"))
def test_names_types_and_defaults_are_those_that_results_were_published_with(name):
    file = Path(__file__).with_name("model_parameters.json")
    published = json.loads(file.read_text(encoding="utf-8")).get(name, {})
    declared = parameters_of("models", name)
    for parameter, expected in published.items():
        found = declared[parameter]
        assert (list(found.choices) or found.type) == expected["type"]
        assert found.required == ("default" not in expected)
        assert found.default == expected.get("default")
    new = {n for n in declared if n not in published}
    assert not published or not new, f"add {new} to {file.name}"


def test_a_module_without_a_class_of_its_name_is_the_authors_error(source):
    with pytest.raises(ValueError, match="no class MyModel"):
        declared_parameters(source("pass", name="Other"))


EXPLAINED = """
@dataclass
class Shared:
    '''Base.

    Parameters
    ----------
    a, b
        Of the base.
    '''
    a: int = 1
    b: int = 2

@dataclass
class MyModel(Shared):
    '''Own.

    Parameters
    ----------
    a
        See `Shared`.
    b
        Of its own.
    '''
    a: int = 3
"""


def test_a_meaning_is_that_of_the_class_unless_it_only_points_to_a_base_class(tmp_path):
    path = tmp_path / "my_model.py"
    path.write_text(EXPLAINED)
    declared = declared_parameters(path)
    assert (declared["a"].default, declared["a"].meaning) == (3, "Of the base.")
    assert declared["b"].meaning == "Of its own."
