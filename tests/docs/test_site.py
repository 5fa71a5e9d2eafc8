"""The documentation site: its pages are in the navigation, links lead somewhere, it builds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
import yaml

LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.S)


@pytest.fixture(scope="module")
def navigation(repository):
    """Every page that mkdocs.yml names, in its order; tags that only MkDocs knows are left out."""
    text = (repository / "mkdocs.yml").read_text(encoding="utf-8")
    entries = yaml.safe_load(text)["nav"]
    return re.findall(r"[\w/]+\.md", yaml.safe_dump(entries, sort_keys=False))


def headings(path):
    """Anchors of a page, as GitHub and the site make them."""
    titles = re.findall(r"^#+ (.+)$", CODE.sub("", path.read_text(encoding="utf-8")), re.M)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


def test_every_page_is_in_the_navigation_once(navigation, repository):
    pages = {path.name for path in (repository / "docs").glob("*.md")}
    assert sorted(navigation) == sorted(pages)


@pytest.mark.parametrize("start", ["README.md", "CONTRIBUTING.md", "docs"])
def test_links_between_pages_lead_to_files_and_headings(start, repository):
    found = repository / start
    for page in sorted(found.glob("*.md")) if found.is_dir() else [found]:
        for link in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
            if link.startswith(("http://", "https://")):
                continue
            name, _, anchor = link.partition("#")
            target = (page.parent / name).resolve() if name else page
            assert target.is_file(), f"{page.name}: {link}"
            assert not anchor or anchor in headings(target), f"{page.name}: {link}"


def test_the_readme_is_short_enough_for_a_newcomer(repository):
    lines = (repository / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150


class Resources(HTMLParser):
    """Addresses of everything that a browser fetches to show a page; links to follow are not."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag != "a":
            self.found += [values[key] for key in ("src", "href") if values.get(key)]


@pytest.fixture(scope="module")
def site(repository, tmp_path_factory):
    """The site as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(repository / "src"), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        [*command, "--site-dir", str(folder)],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_the_site_builds_strictly_and_fetches_nothing_from_elsewhere(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        parser = Resources()
        parser.feed(page.read_text(encoding="utf-8"))
        assert [r for r in parser.found if re.match(r"(https?:)?//", r)] == [], page
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", sheet.read_text("utf-8"))


@pytest.mark.slow
def test_commands_and_api_are_on_the_site(site):
    commands = (site / "commands.html").read_text(encoding="utf-8")
    assert "usage: qm7bench predict" in commands
    api = (site / "api" / "datasets.html").read_text(encoding="utf-8")
    assert 'id="qm7bench.datasets.dataset.Dataset"' in api
