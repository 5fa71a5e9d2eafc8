"use strict";
const data = JSON.parse(document.getElementById("data").textContent);

function unpack(text, Kind) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Kind(bytes.buffer);
}

const number = data.ids.length;
const atoms = unpack(data.atoms, Uint16Array);
const charges = unpack(data.charges, Uint8Array);
const positions = unpack(data.positions, Int16Array);
const energies = unpack(data.energies, Float32Array);
const folds = unpack(data.folds, Int32Array);
const entries = data.entries.map((entry) => ({ ...entry, errors: unpack(entry.errors, Float32Array) }));
const starts = new Uint32Array(number + 1);
for (let i = 0; i < number; i++) starts[i + 1] = starts[i] + atoms[i];

const byId = (name) => document.getElementById(name);
const canvas = byId("molecule"), map = byId("map"), list = byId("molecules");
const signed = (x) => (Number.isFinite(x) ? (x < 0 ? "−" : "+") + Math.abs(x).toFixed(2) : "not tested");
const plain = (x, digits) => x.toFixed(digits).replace("-", "−");
const colourOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const state = { entry: 0, chosen: 0, order: "size", shown: [], length: 150, turn: [1, 0, 0, 0, 1, 0, 0, 0, 1], zoom: 1 };

// --- Which molecules, in which order -----------------------------------------------------------

let hardness = null;
function rankOfEasiest() {
  // As in the report: the smallest rank of the error among the better half of the entries.
  if (hardness) return hardness;
  hardness = new Float32Array(number).fill(Infinity);
  for (const entry of entries.slice(0, Math.max(3, Math.ceil(entries.length / 2)))) {
    const order = [...Array(number).keys()].sort((a, b) => Math.abs(entry.errors[a]) - Math.abs(entry.errors[b]));
    order.forEach((molecule, rank) => { hardness[molecule] = Math.min(hardness[molecule], rank); });
  }
  return hardness;
}

function matcher(text) {
  const words = text.trim().split(/\s+/).filter(Boolean);
  const symbols = new Map(Object.entries(data.elements).map(([charge, e]) => [e.symbol, Number(charge)]));
  return (i) => words.every((word) => {
    if (symbols.has(word)) return charges.subarray(starts[i], starts[i + 1]).includes(symbols.get(word));
    return data.ids[i] === word || data.formulas[i].toLowerCase() === word.toLowerCase();
  });
}

function choose() {
  const errors = entries[state.entry].errors, fits = matcher(byId("find").value);
  const known = (i) => (Number.isFinite(errors[i]) ? 0 : 1);
  const keys = {
    size: (i) => -Math.abs(errors[i]), least: (i) => Math.abs(errors[i]), over: (i) => -errors[i],
    under: (i) => errors[i], hard: (i) => -rankOfEasiest()[i], number: (i) => i,
  };
  const key = keys[state.order];
  state.shown = [...Array(number).keys()].filter(fits).sort((a, b) => known(a) - known(b) || key(a) - key(b));
  state.length = 150;
  writeList();
  drawMap();
}

function writeList() {
  const errors = entries[state.entry].errors;
  const items = state.shown.slice(0, state.length).map((i) => {
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(i === state.chosen));
    item.dataset.molecule = i;
    const name = document.createElement("span"), value = document.createElement("span"), small = document.createElement("small");
    name.textContent = data.formulas[i] + " ";
    small.textContent = data.ids[i];
    name.append(small);
    value.className = "value";
    value.textContent = signed(errors[i]);
    item.append(name, value);
    return item;
  });
  if (state.shown.length > state.length) {
    const more = document.createElement("li");
    more.className = "more";
    more.textContent = "show more";
    items.push(more);
  }
  list.replaceChildren(...items);
  byId("count").textContent = `${state.shown.length.toLocaleString("en")} of ${number.toLocaleString("en")} molecules, error in kcal/mol`;
}

function select(i) {
  state.chosen = i;
  state.zoom = 1;
  state.turn = principalAxes(i);
  history.replaceState(null, "", "#" + data.ids[i]);
  for (const item of list.children) item.setAttribute("aria-selected", String(Number(item.dataset.molecule) === i));
  byId("name").textContent =
    `${data.formulas[i]}, molecule ${data.ids[i]}: energy ${plain(energies[i], 1)} kcal/mol, fold ${folds[i]}`;
  byId("entries").replaceChildren(...entries.map((entry, k) => {
    const line = document.createElement("div"), name = document.createElement("span"), value = document.createElement("span");
    name.textContent = entry.label;
    value.textContent = signed(entry.errors[i]);
    line.className = k === state.entry ? "now" : "";
    line.append(name, value);
    return line;
  }));
  drawMolecule();
  drawMap();
}

// --- Error against energy, to choose from ------------------------------------------------------

let marks = [];
function drawMap() {
  const { pen, width, height } = sized(map), errors = entries[state.entry].errors;
  const left = 58, right = 10, top = 12, bottom = 34;
  const shown = state.shown.filter((i) => Number.isFinite(errors[i]));
  const ends = (values) => values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
  const [low, high] = shown.length ? ends(shown.map((i) => energies[i])) : [-1, 0];
  const most = Math.max(1e-6, ...ends(shown.map((i) => errors[i])).filter(Number.isFinite).map(Math.abs)) * 1.05;
  const x = (energy) => left + (width - left - right) * (energy - low) / Math.max(high - low, 1e-9);
  const y = (error) => top + (height - top - bottom) * (most - error) / (2 * most);
  pen.strokeStyle = colourOf("--rule");
  pen.fillStyle = colourOf("--muted");
  pen.font = "12px system-ui, sans-serif";
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const value of [-most / 1.05, 0, most / 1.05]) {
    pen.beginPath();
    pen.moveTo(left, y(value));
    pen.lineTo(width - right, y(value));
    pen.stroke();
    pen.fillText(value === 0 ? "error 0" : signed(value).replace(/\.?0+$/, ""), left - 6, y(value));
  }
  pen.textBaseline = "alphabetic";
  pen.textAlign = "left";
  pen.fillText(plain(low, 0), left, height - 12);
  pen.textAlign = "center";
  pen.fillText("energy (kcal/mol)", (left + width - right) / 2, height - 12);
  pen.textAlign = "right";
  pen.fillText(plain(high, 0), width - right, height - 12);
  marks = shown.map((i) => [i, x(energies[i]), y(errors[i])]);
  pen.fillStyle = colourOf("--accent");
  pen.globalAlpha = 0.45;
  for (const [, px, py] of marks) pen.fillRect(px - 1.2, py - 1.2, 2.4, 2.4);
  pen.globalAlpha = 1;
  if (!Number.isFinite(errors[state.chosen])) return;
  pen.strokeStyle = colourOf("--warning");
  pen.lineWidth = 2.5;
  pen.beginPath();
  pen.arc(x(energies[state.chosen]), y(errors[state.chosen]), 7, 0, 2 * Math.PI);
  pen.stroke();
}

map.addEventListener("click", (event) => {
  const box = map.getBoundingClientRect(), px = event.clientX - box.left, py = event.clientY - box.top;
  let best = null, least = 30 ** 2;
  for (const [i, x, y] of marks) {
    const distance = (x - px) ** 2 + (y - py) ** 2;
    if (distance < least) [best, least] = [i, distance];
  }
  if (best !== null) select(best);
});

// --- Controls ----------------------------------------------------------------------------------

entries.forEach((entry, k) => byId("entry").append(new Option(`${entry.label} (MAE ${entry.mae.toFixed(2)})`, k)));
for (const element of Object.values(data.elements)) {
  const item = document.createElement("span"), ball = document.createElement("i");
  ball.style.background = element.colour;
  item.append(ball, element.symbol);
  byId("legend").append(item);
}
byId("entry").addEventListener("change", (event) => { state.entry = Number(event.target.value); choose(); select(state.chosen); });
byId("order").addEventListener("change", (event) => { state.order = event.target.value; choose(); });
byId("find").addEventListener("input", choose);
list.addEventListener("click", (event) => {
  const item = event.target.closest("li");
  if (!item) return;
  if (item.className === "more") { state.length += 300; writeList(); } else select(Number(item.dataset.molecule));
});
list.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const next = state.shown[state.shown.indexOf(state.chosen) + step];
  if (next === undefined) return;
  select(next);
  const item = list.querySelector('[aria-selected="true"]');
  if (item) item.scrollIntoView({ block: "nearest" });
});
window.addEventListener("resize", () => { drawMolecule(); drawMap(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { drawMolecule(); drawMap(); });

choose();
const asked = data.ids.indexOf(decodeURIComponent(location.hash.slice(1)));
select(asked >= 0 ? asked : state.shown[0]);
