// The molecule on the canvas: perspective, atoms from back to front, and what turns it.

function places(i) {
  const found = [];
  for (let a = starts[i]; a < starts[i + 1]; a++) {
    found.push([0, 1, 2].map((k) => positions[3 * a + k] * data.unit));
  }
  return found;
}

function times(a, b) {
  const product = [];
  for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) {
    product.push(a[3 * r] * b[c] + a[3 * r + 1] * b[3 + c] + a[3 * r + 2] * b[6 + c]);
  }
  return product;
}

function principalAxes(i) {
  // Power iteration for the longest axis, then for the longest one across it.
  const points = places(i);
  const spread = (v) => points.reduce((sum, p) => {
    const along = p[0] * v[0] + p[1] * v[1] + p[2] * v[2];
    return [sum[0] + along * p[0], sum[1] + along * p[1], sum[2] + along * p[2]];
  }, [0, 0, 0]);
  const unit = (v) => { const l = Math.hypot(...v) || 1; return v.map((x) => x / l); };
  const across = (v, u) => { const d = v[0] * u[0] + v[1] * u[1] + v[2] * u[2]; return v.map((x, k) => x - d * u[k]); };
  let first = unit([1, 0.3, 0.2]), second = unit([-0.3, 1, 0.1]);
  for (let n = 0; n < 60; n++) { const s = spread(first); first = Math.hypot(...s) > 1e-9 ? unit(s) : first; }
  second = unit(across(second, first));
  for (let n = 0; n < 60; n++) { const s = across(spread(second), first); second = Math.hypot(...s) > 1e-9 ? unit(s) : second; }
  const third = [first[1] * second[2] - first[2] * second[1], first[2] * second[0] - first[0] * second[2], first[0] * second[1] - first[1] * second[0]];
  return [...first, ...second, ...third];
}

function sized(target) {
  const ratio = window.devicePixelRatio || 1, box = target.getBoundingClientRect();
  target.width = Math.round(box.width * ratio);
  target.height = Math.round(box.height * ratio);
  const pen = target.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { pen, width: box.width, height: box.height };
}

function drawMolecule() {
  const { pen, width, height } = sized(canvas), i = state.chosen, t = state.turn;
  const points = places(i), own = charges.subarray(starts[i], starts[i + 1]);
  const reach = Math.max(1.5, ...points.map((p) => Math.hypot(...p))) + 0.8;
  const scale = (Math.min(width, height) / 2 / reach) * state.zoom;
  const shown = points.map((p, a) => {
    const z = t[6] * p[0] + t[7] * p[1] + t[8] * p[2], near = 1 + z / (6 * reach);
    return {
      x: width / 2 + scale * near * (t[0] * p[0] + t[1] * p[1] + t[2] * p[2]),
      y: height / 2 - scale * near * (t[3] * p[0] + t[4] * p[1] + t[5] * p[2]),
      z, near, element: data.elements[own[a]], charge: own[a], point: p,
    };
  });
  const parts = shown.map((atom) => ({ z: atom.z, draw: () => drawAtom(pen, atom, scale) }));
  for (let a = 0; a < shown.length; a++) for (let b = 0; b < a; b++) {
    const apart = Math.hypot(...shown[a].point.map((x, k) => x - shown[b].point[k]));
    if (apart < data.bond_factor * (shown[a].element.radius + shown[b].element.radius)) {
      // Just after the atom behind, and only from surface to surface.
      const [back, front] = shown[a].z < shown[b].z ? [shown[a], shown[b]] : [shown[b], shown[a]];
      parts.push({ z: back.z + 1e-6, draw: () => drawBond(pen, back, front, scale, apart) });
    }
  }
  parts.sort((a, b) => a.z - b.z).forEach((part) => part.draw());
}

function radiusOf(atom) {
  return atom.charge === 1 ? 0.26 : 0.26 + 0.2 * atom.element.radius;
}

function drawBond(pen, back, front, scale, apart) {
  const along = (t) => [back.x + t * (front.x - back.x), back.y + t * (front.y - back.y)];
  pen.strokeStyle = colourOf("--bond");
  pen.lineWidth = 0.16 * scale * (back.near + front.near) / 2;
  pen.lineCap = "round";
  pen.beginPath();
  pen.moveTo(...along(0.9 * radiusOf(back) / apart));
  pen.lineTo(...along(1 - 0.9 * radiusOf(front) / apart));
  pen.stroke();
}

function drawAtom(pen, atom, scale) {
  const radius = scale * atom.near * radiusOf(atom);
  const light = pen.createRadialGradient(atom.x - radius / 3, atom.y - radius / 3, radius / 8, atom.x, atom.y, radius);
  light.addColorStop(0, "#ffffff");
  light.addColorStop(0.35, atom.element.colour);
  light.addColorStop(1, atom.element.colour);
  pen.fillStyle = light;
  pen.strokeStyle = colourOf("--outline");
  pen.lineWidth = 1;
  pen.beginPath();
  pen.arc(atom.x, atom.y, radius, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
  if (atom.charge !== 1 && atom.charge !== 6) {
    pen.fillStyle = [15, 16].includes(atom.charge) ? "#111111" : "#ffffff";
    pen.font = `bold ${1.1 * radius}px system-ui, sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(atom.element.symbol, atom.x, atom.y + radius * 0.06);
  }
}

function turn(across, down) {
  const [c, s, d, e] = [Math.cos(across), Math.sin(across), Math.cos(down), Math.sin(down)];
  const byDrag = times([1, 0, 0, 0, d, -e, 0, e, d], [c, 0, s, 0, 1, 0, -s, 0, c]);
  state.turn = times(byDrag, state.turn);
  drawMolecule();
}

function nearer(factor) {
  state.zoom = Math.min(5, Math.max(0.4, state.zoom * factor));
  drawMolecule();
}

const fingers = new Map();
const gap = () => { const [a, b] = [...fingers.values()]; return Math.hypot(a.x - b.x, a.y - b.y); };
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
});
canvas.addEventListener("pointermove", (event) => {
  const last = fingers.get(event.pointerId);
  if (!last) return;
  const before = fingers.size === 2 ? gap() : 0;
  const moved = [event.clientX - last.x, event.clientY - last.y];
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  if (fingers.size === 2) nearer(gap() / Math.max(before, 1));
  else turn(moved[0] / 120, moved[1] / 120);
});
for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, (event) => fingers.delete(event.pointerId));
canvas.addEventListener("wheel", (event) => { event.preventDefault(); nearer(Math.exp(-event.deltaY / 600)); }, { passive: false });
canvas.addEventListener("keydown", (event) => {
  const turns = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15] };
  if (turns[event.key]) turn(...turns[event.key]);
  else if (event.key === "+" || event.key === "-") nearer(event.key === "+" ? 1.15 : 1 / 1.15);
  else return;
  event.preventDefault();
});
