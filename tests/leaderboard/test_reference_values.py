"""Published figures, and when ours count as replicating them."""

from __future__ import annotations

import pytest
import yaml

from qm7bench.configuration.settings import load_settings
from qm7bench.leaderboard.reference_values import (
    FILE,
    ReferenceValue,
    Source,
    cited,
    other_methods,
    reference_values,
    sources,
)

SOURCE = Source("a paper", "A. Author", "A Title", 2020, "A Journal 1, 2", doi="10.1/2")
OWN = {"mae": 10.0, "mae_std": 0.1, "mae_best_on_test": 9.0, "rmse": 14.0, "rmse_std": 2.0}
FOLDS = [{"fold": 0, "mae": 8.0, "rmse": 11.0}, {"fold": 1, "mae": 12.0, "rmse": 17.0}]


def value(mae=None, rmse=None, protocol="nested", fold=None):
    return ReferenceValue(mae, rmse, protocol, SOURCE, fold)


def test_every_figure_stands_beside_an_entry_of_the_configuration(repository):
    config = yaml.safe_load((repository / "config.yaml").read_text(encoding="utf-8"))
    rows = set()
    for budget in ("quick", "full"):
        rows |= set(load_settings({**config, "budget": budget}).entries())
    figures = reference_values("qm7")
    assert {(feature, model) for feature, model, _ in figures} <= rows


def test_every_figure_has_a_number():
    for figure in reference_values("qm7").values():
        assert figure.mae is not None or figure.rmse is not None
        assert figure.protocol in ("nested", "best_on_test")


def test_the_replicated_studys_eight_classical_figures_are_there():
    study = {key[:2]: f.mae for key, f in reference_values("qm7").items() if key[2] == "document"}
    assert set(study.values()) >= {29.08, 12.67, 10.07, 9.98, 32.54, 22.48, 15.03, 15.70}


def test_figures_of_qm7_are_not_set_beside_other_data():
    assert reference_values("qm9small") == {}


@pytest.mark.parametrize(("published", "expected"), [(10.4, True), (9.6, True), (10.6, False)])
def test_five_per_cent_of_the_published_figure_are_near_enough(published, expected):
    assert value(mae=published).replicated(OWN, FOLDS) is expected


@pytest.mark.parametrize(("published", "expected"), [(11.9, True), (12.1, False)])
def test_two_standard_deviations_over_folds_are_near_enough(published, expected):
    assert value(mae=published).replicated({**OWN, "mae_std": 1.0}, FOLDS) is expected


def test_a_figure_chosen_on_the_test_folds_is_compared_with_ours_chosen_so():
    assert value(mae=9.0, protocol="best_on_test").replicated(OWN, FOLDS) is True
    assert value(mae=9.0).replicated(OWN, FOLDS) is False


def test_without_a_grid_the_fixed_entry_stands_for_the_best_on_test():
    own = {**OWN, "mae_best_on_test": None}
    assert value(mae=10.0, protocol="best_on_test").replicated(own, FOLDS) is True


def test_the_rmse_is_compared_where_only_that_is_published():
    assert value(rmse=17.9).replicated(OWN, FOLDS) is True
    assert value(rmse=18.1).replicated(OWN, FOLDS) is False


@pytest.mark.parametrize(("published", "expected"), [(8.8, True), (7.3, True), (10.0, False)])
def test_a_single_folds_figure_is_compared_with_ours_on_that_fold(published, expected):
    figure = value(mae=published, fold=0)
    assert figure.ours(OWN, FOLDS) == 8.0
    assert figure.replicated({**OWN, "mae_std": 5.0}, FOLDS) is expected


def test_an_entry_without_the_fold_that_was_published_is_not_compared():
    figure = value(mae=10.0, fold=2)
    assert figure.ours(OWN, FOLDS) is None
    assert figure.replicated(OWN, FOLDS) is None


def test_nothing_published_is_neither_replicated_nor_not():
    assert value().replicated(OWN, FOLDS) is None


def test_every_source_says_who_what_when_and_where():
    for source in sources().values():
        assert source.name
        assert source.authors
        assert source.title
        assert 1990 < source.year < 2030
        assert source.link.startswith("https://")
        assert source.title in source.citation
        assert str(source.year) in source.citation


def test_a_source_is_linked_by_its_doi_or_else_by_its_address():
    assert SOURCE.link == "https://doi.org/10.1/2"
    assert Source("n", "a", "t", 2000, "v", address="https://example.org").link.endswith("org")


def test_names_of_sources_tell_them_apart():
    names = [source.name for source in sources().values()]
    assert len(set(names)) == len(names)


def test_the_replicated_study_stands_with_its_title_and_its_repository():
    study = sources()["replicated_study"]
    title = "Estimating Atomization Energies in the QM7 Dataset using Machine Learning"
    assert (study.title, study.year) == (title, 2024)
    assert study.link == "https://github.com/duydl/qm7-sols"
    document = {key: v for key, v in reference_values("qm7").items() if key[2] == "document"}
    assert {value.source for value in document.values()} == {study}


def test_no_title_stands_twice_in_the_data():
    text = " ".join(FILE.read_text(encoding="utf-8").split())
    for source in sources().values():
        assert text.count(source.title) == 1


def test_where_a_figure_is_from_is_told_with_its_fold():
    assert value(mae=1.0, fold=0).origin == "a paper, fold 0 only"
    assert value(mae=1.0).origin == "a paper"
    painn = reference_values("qm7")["radius_graph", "painn", "literature"]
    assert painn.origin == "kgcnn 4.0, PaiNN on the same folds"


def test_sources_of_a_table_are_those_of_its_figures():
    entries = [("radius_graph", "painn"), ("eigenspectrum", "multilayer_perceptron_document")]
    assert [s.name for s in cited("qm7", entries)] == ["replicated study", "kgcnn 4.0"]
    assert cited("qm7", [("mine", "painn")]) == cited("qm9small", entries) == []


def test_other_published_methods_are_sorted_by_their_error():
    found = other_methods("qm7")
    assert [method.mae for method in found] == sorted(method.mae for method in found)
    assert found[0].source is not None
    assert other_methods("qm9small") == []
