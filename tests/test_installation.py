"""What works in which installation: the base alone predicts, and what an extra brings is named."""

from __future__ import annotations

import csv
import json
import os
import re
import resource
import subprocess
import sys
import tomllib
from importlib import metadata

import numpy as np
import pytest
from packaging.requirements import Requirement

from qm7bench.artefacts.arrow import pq
from qm7bench.cli import main
from qm7bench.datasets.storage import write_dataset
from qm7bench.documentation.imports import modules_imported, source_files
from qm7bench.errors import MissingPackageError
from qm7bench.installation import EXTRAS, has_gpu, naming_the_extra, version

BASE = {"ase", "jinja2", "matplotlib", "numpy", "scipy"}
BROUGHT_ALONG = {"pydantic_core"}
"""Imported, and brought by a package that an extra declares."""
OF_JINJA2 = {"markupsafe"}
HEAVY = sorted({*BROUGHT_ALONG, *(name for names in EXTRAS.values() for name in names)})
SEEN = f"""
import sys
from qm7bench.cli import main
for output in ([], ["--output", "p.csv"], ["--output", "p.xyz"]):
    assert main([*sys.argv[1:], *output]) == 0
print(sorted({{*{HEAVY}, "jinja2", "matplotlib"}} & set(sys.modules)), file=sys.stderr)
"""
WITHOUT = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {HEAVY}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
"""
RUN = "from qm7bench.cli import main; sys.exit(main(sys.argv[1:]))"
COMMANDS = """
from qm7bench.cli import command_names, command_parser, main
for words in (
    "summarize --dataset a --models b --folds 0 --output c",
    "document --output c",
    "dataset qm9small --output c",
):
    assert main(words.split()) == 1
for name in command_names():
    assert command_parser(name).format_help()
"""
LOAD = """
import numpy as np
from qm7bench.errors import MissingPackageError
from qm7bench.registry.modules import known, load
for kind in ("models", "features"):
    for name in known(kind):
        try:
            load(kind, name)
        except MissingPackageError as error:
            print(name, error)
try:
    load("models", "support_vector_regression")().fit(np.eye(3), np.arange(3.0))
except MissingPackageError as error:
    print("support_vector_regression", error)
"""


def python(program, *words):
    """What a program does in an interpreter of its own."""
    command = [sys.executable, "-c", program, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def fitted(small_molecules, tmp_path_factory):
    """A fitted model among its results: with test predictions and a data set."""
    folder = tmp_path_factory.mktemp("results")
    dataset, feature = folder / "dataset" / "metadata.json", folder / "feature" / "metadata.json"
    write_dataset(dataset, small_molecules, {"sha256": "0" * 64})
    eigenspectrum = json.dumps({"module": "eigenspectrum", "parameters": {}})
    words = ["feature", dataset, "--name", "eigenspectrum", "--settings", eigenspectrum]
    assert main([*map(str, words), "--output", str(feature)]) == 0
    settings = {"module": "kernel_ridge", "parameters": {"alpha": 0.1}, "grid": {}, "seed": 0}
    words = ["fit", "--dataset", dataset, "--feature", feature, "--feature-name", "eigenspectrum"]
    words += ["--model", "kernel_ridge", "--settings", json.dumps(settings), "--fold", 0]
    place = folder / "models" / "eigenspectrum" / "kernel_ridge" / "fold0"
    assert main([*map(str, words), "--output", str(place)]) == 0
    return place


@pytest.fixture
def bare(fitted, tmp_path):
    """The model alone: `model.json` and `model.npz`."""
    folder = tmp_path / "bare"
    folder.mkdir()
    for name in ("model.json", "model.npz"):
        (folder / name).write_bytes((fitted / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def molecules(repository):
    return repository / "docs" / "ten_molecules.xyz"


@pytest.fixture(scope="module")
def declared(repository):
    """Names of the packages that pyproject.toml declares, by extra; of the base by ""."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: {Requirement(text).name for text in texts} for extra, texts in found.items()}


def test_the_page_on_installing_has_every_extra(repository, declared):
    page = (repository / "docs" / "installing.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `\[(\w+)\]` \|", page, re.M)
    assert sorted(rows) == sorted(set(declared) - {""})


def test_the_extras_that_messages_name_are_those_of_pyproject(declared):
    distributions = metadata.packages_distributions()
    for extra, packages in EXTRAS.items():
        brought = {name.lower() for package in packages for name in distributions[package]}
        assert brought == {name.lower() for name in declared[extra]}, extra
    assert set(declared) - set(EXTRAS) == {"", "slurm", "docs", "dev"}
    assert declared[""] == BASE


def test_every_package_that_is_imported_is_in_the_base_or_in_an_extra():
    roots = {name.split(".")[0] for path in source_files() for name in modules_imported(path)}
    assert roots - sys.stdlib_module_names - {"qm7bench"} == {*BASE, *OF_JINJA2, *HEAVY} - {
        "qm9pack",  # its files are read
        "snakemake",  # it calls us
    }


@pytest.mark.parametrize("ships", [True, False])
def test_a_prediction_imports_nothing_of_an_extra(ships, bare, molecules, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = python(SEEN, "predict", molecules, "--model", "qm7" if ships else bare)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "[]"


def test_the_base_predicts_and_says_what_it_leaves_out(fitted, molecules, capsys):
    capsys.readouterr()
    done = python(WITHOUT + RUN, "predict", molecules, "--model", fitted)
    assert done.returncode == 0, done.stderr
    for lacking in ("no intervals", "no distances"):
        (line,) = re.findall(f"^.*: {lacking}: .*$", done.stderr, re.M)
        assert line.endswith(
            'pyarrow, which is not installed; run: pip install "qm7bench[workflow]"'
        )
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert main(["predict", str(molecules), "--model", str(fitted)]) == 0
    whole = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    for name in ("formula", "energy_kcal_per_mol"):
        assert [row[name] for row in rows] == [row[name] for row in whole]
    assert {"lower_kcal_per_mol", "upper_kcal_per_mol"} == set(whole[0]) - set(rows[0])


def test_parquet_is_refused_before_anything_is_computed(bare, tmp_path):
    output = tmp_path / "predictions.parquet"
    done = python(WITHOUT + RUN, "predict", "none.xyz", "--model", bare, "--output", output)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith('run: pip install "qm7bench[workflow]"')


def test_a_command_that_needs_an_extra_names_it_in_one_line_and_helps_without():
    done = python(WITHOUT + COMMANDS)
    assert done.returncode == 0, done.stderr
    named = re.findall(
        r'^qm7bench (\w+): .* run: pip install "qm7bench\[(\w+)\]"$', done.stderr, re.M
    )
    assert len(named) == len(done.stderr.splitlines())
    assert dict(named) == {"summarize": "workflow", "document": "workflow", "dataset": "qm9"}


def test_what_needs_an_extra_says_so_in_python_too():
    done = python(WITHOUT + LOAD)
    assert done.returncode == 0, done.stderr
    told = dict(re.findall(r"^(\w+) this needs .*qm7bench\[(\w+)\]", done.stdout, re.M))
    networks = "custom_gnn dimenet multilayer_perceptron painn tensornet".split()
    assert told == dict.fromkeys(networks, "networks") | {"support_vector_regression": "workflow"}


def test_a_model_whose_features_need_an_extra_is_not_called_unable(fitted, molecules, tmp_path):
    """A missing package is no fault of the molecules, which get no NaN for it."""
    model = json.loads((fitted / "model.json").read_text())
    model["feature"] |= {"module": "xtb", "parameters": {}}
    (tmp_path / "model.json").write_text(json.dumps(model))
    (tmp_path / "model.npz").write_bytes((fitted / "model.npz").read_bytes())
    done = python(WITHOUT + RUN, "predict", molecules, "--model", tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith('run: pip install "qm7bench[xtb]"')


def test_other_failed_imports_are_left_alone():
    with pytest.raises(ModuleNotFoundError, match="no_such_package"), naming_the_extra():
        import no_such_package  # noqa: F401


@pytest.mark.parametrize("package", ["pandas", "torch"])
def test_a_module_inside_a_missing_package_is_named_as_the_package(package):
    with (
        pytest.raises(MissingPackageError, match=f"needs the package {package},"),
        naming_the_extra(),
    ):
        raise ModuleNotFoundError(name=f"{package}.inside")


def test_every_output_names_the_version(bare, molecules, tmp_path, capsys):
    words = ["predict", str(molecules), "--model", str(bare)]
    capsys.readouterr()
    assert main(words) == 0
    told = capsys.readouterr()
    assert told.err.splitlines()[0] == f"qm7bench {version()}"
    assert len(told.out.splitlines()) == 1 + 10
    assert main([*words, "--output", str(tmp_path / "p.xyz")]) == 0
    comments = (tmp_path / "p.xyz").read_text().count(f"qm7bench_version={version()}")
    assert comments == 10
    assert main([*words, "--output", str(tmp_path / "p.parquet")]) == 0
    notes = pq.read_schema(tmp_path / "p.parquet").metadata
    assert notes[b"qm7bench_version"].decode() == version()


LARGEST_INSTALLATION = 450e6
"""Bytes of an environment that can predict, without the interpreter."""


@pytest.fixture(scope="module")
def environment(repository, tmp_path_factory):
    """A new environment with the wheel and nothing else; packages are the index's, as locked."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    kept = ["pyproject.toml", "README.md", "LICENSE", "src"]
    source.mkdir()
    for name in kept:
        subprocess.run(["cp", "-r", repository / name, source / name], check=True)
    published = source / "src" / "qm7bench" / "published" / "qm7"
    words = ["pack", "--published", repository / "results" / "published" / "qm7"]
    assert main([*map(str, words), "--output", str(published)]) == 0
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", folder, source], check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    (wheel,) = folder.glob("*.whl")
    words = ["-m", "pip", "install", "--constraint", repository / "requirements.lock", wheel]
    done = in_environment(folder, "python", *words)
    if "NewConnectionError" in done.stderr:
        pytest.skip("the package index cannot be reached")
    assert done.returncode == 0, done.stderr
    return folder


def in_environment(folder, program, *words):
    """What a program of the environment does, without the packages of this one."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    command = [folder / "venv" / "bin" / program, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=variables, cwd=folder)


def cpu_seconds(run):
    """Processor time of the programs that a function waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.slow
@pytest.mark.parametrize("ships", [True, False])
def test_the_wheel_in_an_empty_environment_predicts_the_same(
    ships, environment, fitted, molecules, capsys
):
    words = ["predict", str(molecules), *([] if ships else ["--model", str(fitted)])]
    done = in_environment(environment, "qm7bench", *words)
    assert done.returncode == 0, done.stderr
    assert ('pip install "qm7bench[workflow]"' in done.stderr) != ships
    capsys.readouterr()
    assert main(words) == 0
    expected, found = (
        [float(row["energy_kcal_per_mol"]) for row in csv.DictReader(text.splitlines())]
        for text in (capsys.readouterr().out, done.stdout)
    )
    assert found == pytest.approx(expected, abs=1e-6, nan_ok=True)  # kcal/mol


@pytest.mark.slow
@pytest.mark.needs_qm7
def test_the_wheel_scores_beside_the_published_predictions(environment, qm7, monkeypatch):
    monkeypatch.setenv("QM7_MAT", os.path.abspath(os.environ.get("QM7_MAT", "data/qm7.mat")))
    errors = np.where(np.arange(len(qm7)) % 2, 1.0, -1.0)  # kcal/mol
    with (environment / "mine.csv").open("w", newline="") as file:
        csv.writer(file).writerow(["id", "prediction"])
        csv.writer(file).writerows(zip(qm7.ids, qm7.energies + errors, strict=True))
    done = in_environment(environment, "qm7bench", "score", "mine.csv", "--dataset", "qm7")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^mean +1\.000 ", done.stdout, re.M)
    assert re.search(r"^Place \d+ among \d{2} published entries", done.stdout, re.M)


@pytest.mark.slow
def test_the_environment_is_small_and_has_nothing_of_an_extra(environment):
    folder = environment / "venv"
    size = sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())
    assert size < LARGEST_INSTALLATION
    (packages,) = folder.glob("lib/python*/site-packages")
    assert not {path.name for path in packages.iterdir()} & set(HEAVY)


@pytest.mark.slow
def test_help_and_version_come_at_once_in_the_environment(environment, repository):
    assert in_environment(environment, "qm7bench", "--version").stdout == f"qm7bench {version()}\n"
    spent = [
        cpu_seconds(lambda: in_environment(environment, "qm7bench", "--help")) for _ in range(3)
    ]
    assert min(spent) < 0.1


@pytest.mark.parametrize("device", ["nvidia0", "nvidia12", "kfd", "dxg"])
def test_a_gpu_is_told_by_its_device_file(tmp_path, device):
    (tmp_path / "nvidiactl").touch()
    assert not has_gpu(tmp_path)
    (tmp_path / device).touch()
    assert has_gpu(tmp_path)
