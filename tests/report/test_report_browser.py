"""The pages in a real browser: no fault, no request, no sideways scrolling, and they respond."""

import html
import json
import re
import shutil
import subprocess

import pytest
from report_example import arguments, small_dataset, summarized, write_results

from qm7bench.cli import main

pytestmark = pytest.mark.slow
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = (1280, 390)

# Each page in a frame of each width; what is found there is written into the document.
FRAMES = """<!DOCTYPE html><meta charset="utf-8"><body><script>
const found = [];
const frames = %s.map(([page, width]) => new Promise((done) => {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:844px;border:0`;
  frame.onload = () => {
    const inside = frame.contentDocument, view = frame.contentWindow;
    const told = { page, width, scroll: inside.documentElement.scrollWidth };
    told.requests = view.performance.getEntriesByType("resource").map((entry) => entry.name);
    const text = (query) => [...inside.querySelectorAll(query)].map((e) => e.textContent);
    const names = [...inside.querySelectorAll("#entries th button")];
    const mae = names.find((button) => button.textContent === "MAE");
    if (mae) {
      mae.click();
      told.ascending = text("#entries td:nth-child(1)");
      mae.click();
      told.descending = text("#entries td:nth-child(1)");
      const { track, family } = inside.querySelector(".filters").elements;
      const change = () => family.form.dispatchEvent(new view.Event("change"));
      told.families = [...family.options].map((option) => option.value);
      family.value = "kernel";
      change();
      told.kernels = text("#entries tbody tr:not([hidden]) td:nth-child(4)");
      told.counted = text(".filters output")[0];
      family.value = "";
      track.value = "training folds alone";
      change();
      told.main = text("#entries tbody tr:not([hidden]) td:nth-child(1)").length;
      const focused = (element) => { element.focus(); return inside.activeElement === element; };
      told.focusable = [mae, track, family].every(focused);
    }
    const canvas = inside.getElementById("molecule");
    if (canvas) {
      const before = canvas.toDataURL();
      const press = (key) => new view.KeyboardEvent("keydown", { key, bubbles: true });
      canvas.dispatchEvent(press("ArrowRight"));
      told.turned = canvas.toDataURL() !== before;
      const find = inside.getElementById("find");
      find.value = "S O";
      find.dispatchEvent(new view.Event("input"));
      told.listed = text("#molecules li span:first-child");
      inside.querySelector("#molecules li").click();
      told.name = inside.getElementById("name").textContent;
    }
    found.push(told);
    done();
  };
  frame.src = page;
  document.body.append(frame);
}));
Promise.all(frames).then(() => {
  const result = document.createElement("output");
  result.textContent = JSON.stringify(found);
  document.body.append(result);
});
</script>
"""


@pytest.fixture(scope="module")
def look(tmp_path_factory):
    """Function that opens pages in frames and returns what was found and what was logged."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("THE REPORT WAS NOT SEEN BY A BROWSER: install chromium to check it")

    def opened(folder, pages):
        wrapper = folder / "frames.html"
        pairs = [[page, width] for page in pages for width in WIDTHS]
        wrapper.write_text(FRAMES % json.dumps(pairs), encoding="utf-8")
        profile = tmp_path_factory.mktemp("profile")
        command = [
            browser,
            *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-background-networking", "--allow-file-access-from-files"),
            *("--enable-logging=stderr", f"--user-data-dir={profile}", "--window-size=1400,1000"),
            *("--virtual-time-budget=20000", "--dump-dom", wrapper.as_uri()),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
        output = re.search(r"<output>(.*?)</output>", done.stdout, re.DOTALL)
        assert output, done.stderr[-2000:]
        logged = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return json.loads(html.unescape(output[1])), logged

    return opened


@pytest.fixture(scope="module")
def seen(look, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    write_results(folder, small_dataset())
    summarized(folder)
    assert main(arguments(folder, folder)) == 0
    return look(folder, ["report.html", "explore.html"])


def test_pages_load_without_a_fault_and_without_a_request(seen):
    found, logged = seen
    assert len(found) == 4
    assert logged == []
    assert [told["requests"] for told in found] == [[]] * 4


def test_pages_do_not_scroll_sideways_at_laptop_and_phone_width(seen):
    assert [(t["page"], t["width"]) for t in seen[0] if t["scroll"] > t["width"]] == []


def test_a_click_sorts_the_leaderboard_and_another_turns_it_round(seen):
    for told in seen[0]:
        if told["page"] == "report.html":
            assert told["ascending"] == sorted(told["ascending"], key=int)
            assert told["descending"] == told["ascending"][::-1]


def test_the_leaderboard_is_filtered_by_family_and_track(seen):
    for told in seen[0]:
        if told["page"] == "report.html":
            assert told["families"] == [
                "",
                *sorted({"kernel", "linear", "mean", "neighbours", "other"}),
            ]
            assert told["kernels"] == ["kernel"] * 2
            assert told["counted"] == "2 of 7 entries"
            assert told["main"] == 7
            assert told["focusable"]


def test_the_explorer_turns_finds_and_opens_molecules(seen):
    for told in seen[0]:
        if told["page"] == "explore.html":
            assert told["turned"]
            assert told["listed"]
            assert all("S" in name and "O" in name for name in told["listed"])
            assert told["name"].startswith(told["listed"][0].split()[0])


def test_a_request_and_a_fault_would_have_been_noticed(look, tmp_path):
    page = '<meta charset="utf-8"><img src="http://127.0.0.1:9/a.png"><script>missing()</script>'
    (tmp_path / "faulty.html").write_text(page, encoding="utf-8")
    found, logged = look(tmp_path, ["faulty.html"])
    assert found[0]["requests"] == ["http://127.0.0.1:9/a.png"]
    assert any("missing is not defined" in line for line in logged)
