// The editor of a scorecard. Everything works without it: the buttons are the server's, numbers can be typed. It adds
// sliders that keep the sum at 100, sums and bars that follow what is typed, dimensions and parts that can be dragged to
// another place (the arrow buttons stay for the keyboard), and curves whose points can be dragged
// or moved with the arrow keys. The geometry of curves is that of reviews/scorecards/pictures.py.

import Sortable from "../vendor/sortablejs/sortable.esm.js";

const LEFT = 40, RIGHT = 308, TOP = 12, BOTTOM = 140;
const SVG = "http://www.w3.org/2000/svg";
const box = document.getElementById("editor-box");

/** A typed number, or null. */
function read(text) {
  const found = Number(text.trim().replace(/[%％\s]+$/, "").replace(",", "."));
  return text.trim() === "" || !Number.isFinite(found) ? null : found;
}

function plain(value, decimals = 2) {
  return String(Number(value.toFixed(decimals)));
}

// Weights

function rowsOf(group) {
  return [...group.querySelectorAll("[data-weight-row]")].map((row) => ({
    range: row.querySelector(".weight-range"),
    typed: row.querySelector("input[name$='weight']"),
  }));
}

/** Split what is left in whole percent in proportion to what the others have; left-over ones to the largest rest. */
function share(left, weights) {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = weights.map((weight) => (sum > 0 ? (left * weight) / sum : left / weights.length));
  const found = exact.map(Math.floor);
  const order = exact.map((_, at) => at).sort((a, b) => exact[b] - found[b] - (exact[a] - found[a]) || a - b);
  for (let more = left - found.reduce((a, b) => a + b, 0), at = 0; more > 0; more--, at++) found[order[at]]++;
  return found;
}

function follow(group, range) {
  const rows = rowsOf(group), moved = rows.find((row) => row.range === range);
  const others = rows.filter((row) => row !== moved && row.range);
  if (!others.length) return;
  const value = Math.round(Number(range.value));
  moved.typed.value = String(value);
  share(100 - value, others.map((row) => Math.max(read(row.typed.value) ?? 0, 0))).forEach((weight, at) => {
    others[at].typed.value = String(weight);
  });
  sums(group);
}

/** Show the sum, the bar and the sliders as what is typed. */
function sums(group) {
  const rows = rowsOf(group), weights = rows.map((row) => Math.max(read(row.typed.value) ?? 0, 0));
  const total = weights.reduce((a, b) => a + b, 0), right = Math.abs(total - 100) < 0.001;
  rows.forEach((row, at) => { if (row.range) row.range.value = String(weights[at]); });
  const sum = group.querySelector("[data-sum]");
  if (sum) {
    sum.classList.toggle("is-wrong", !right);
    sum.querySelector("[data-sum-number]").textContent = `${plain(total)}%`;
    sum.querySelector("[data-sum-wrong]").hidden = right;
  }
  let x = 0;
  group.querySelectorAll("[data-bar] rect").forEach((rect, at) => {
    const width = total > 0 ? ((weights[at] ?? 0) / Math.max(total, 100)) * 100 : 0;
    rect.setAttribute("x", `${x}%`);
    rect.setAttribute("width", `${width}%`);
    x += width;
  });
}

// Curves

function pointsOf(curve) {
  return [...curve.querySelectorAll("[data-point]")].map((point) => {
    const [x, y] = point.querySelectorAll("input");
    return { x, y, at: [read(x.value), read(y.value)] };
  }).filter((point) => point.at[0] !== null && point.at[1] !== null);
}

function scaleOf(points) {
  const xs = points.map((point) => point.at[0]), ys = points.map((point) => point.at[1]);
  const low = Math.min(...xs), high = Math.max(...xs);
  const room = (high - low) / 10 || Math.abs(high) / 10 || 1;
  return { low: low === 0 ? low : low - room, high: high + room, bottom: Math.min(0, ...ys), top: Math.max(100, ...ys) };
}

function corners(points, step, scale) {
  const at = points.map((point) => point.at);
  if (!step) return [[scale.low, at[0][1]], ...at, [scale.high, at.at(-1)[1]]];
  const found = [[scale.low, 0]];
  let before = 0;
  for (const [x, y] of at) { found.push([x, before], [x, y]); before = y; }
  return [...found, [scale.high, before]];
}

function element(name, attributes, text = "") {
  const found = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, String(value));
  found.textContent = text;
  return found;
}

function draw(curve) {
  const svg = curve.querySelector("svg.curve"), points = pointsOf(curve);
  const rising = points.every((point, at) => at === 0 || points[at - 1].at[0] < point.at[0]);
  if (!svg || !points.length || !rising) return;
  const scale = curve.scale ?? scaleOf(points);
  const x = (value) => LEFT + ((value - scale.low) / (scale.high - scale.low)) * (RIGHT - LEFT);
  const y = (value) => BOTTOM - ((value - scale.bottom) / (scale.top - scale.bottom)) * (BOTTOM - TOP);
  const focused = [...svg.querySelectorAll(".curve-dot")].indexOf(document.activeElement);
  const step = curve.closest("[data-part]").querySelector("[data-curve-kind]").value === "step";
  const parts = [];
  for (const level of new Set([scale.bottom, 0, 100, scale.top])) {
    parts.push(element("line", { class: "curve-grid", x1: LEFT, x2: RIGHT, y1: y(level), y2: y(level) }));
    parts.push(element("text", { class: "curve-word", x: 34, y: y(level), dy: 4, "text-anchor": "end" }, plain(level)));
  }
  const line = corners(points, step, scale).map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" ");
  parts.push(element("polyline", { class: "curve-line", points: line }));
  points.forEach((point, at) => {
    const label = `${point.x.value} → ${point.y.value}`;
    const dot = element("circle", {
      class: "curve-dot", cx: x(point.at[0]), cy: y(point.at[1]), r: 6, tabindex: 0, role: "button", "aria-label": label,
    });
    dot.append(element("title", {}, label));
    parts.push(dot);
    if (at === 0 || at === points.length - 1) {
      parts.push(element("text", { class: "curve-word", x: x(point.at[0]), y: 158, "text-anchor": "middle" }, point.x.value));
    }
  });
  svg.setAttribute("role", "group");
  svg.replaceChildren(...parts);
  svg.querySelectorAll(".curve-dot")[focused]?.focus();
}

/** Move a point, never onto its neighbours: x must rise. */
function move(curve, at, x, y) {
  const points = pointsOf(curve), scale = curve.scale ?? scaleOf(points);
  const tiny = (scale.high - scale.low) / 1000;
  const low = at > 0 ? points[at - 1].at[0] + tiny : -Infinity;
  const high = at < points.length - 1 ? points[at + 1].at[0] - tiny : Infinity;
  const decimals = scale.high - scale.low > 20 ? 0 : 3;
  const rounded = Number(Math.min(Math.max(x, low), high).toFixed(decimals));
  if (rounded >= low && rounded <= high) points[at].x.value = plain(rounded, decimals);
  points[at].y.value = plain(Math.round(y), 0);
  draw(curve);
}

function changed(curve) {
  curve.dispatchEvent(new Event("change", { bubbles: true }));
}

function grab(event) {
  const dot = event.target.closest?.(".curve-dot"), curve = dot?.closest("[data-curve]");
  if (!curve) return;
  event.preventDefault();
  const svg = dot.ownerSVGElement, at = [...svg.querySelectorAll(".curve-dot")].indexOf(dot);
  const scale = scaleOf(pointsOf(curve));
  curve.scale = scale; // stays as it is while a point is dragged
  dot.focus();
  const drag = (moved) => {
    const place = new DOMPoint(moved.clientX, moved.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const x = scale.low + ((place.x - LEFT) / (RIGHT - LEFT)) * (scale.high - scale.low);
    const y = scale.bottom + ((BOTTOM - place.y) / (BOTTOM - TOP)) * (scale.top - scale.bottom);
    move(curve, at, x, Math.min(Math.max(y, scale.bottom), scale.top));
  };
  const drop = () => {
    window.removeEventListener("pointermove", drag);
    delete curve.scale;
    draw(curve);
    changed(curve);
  };
  window.addEventListener("pointermove", drag);
  window.addEventListener("pointerup", drop, { once: true });
}

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function nudge(event) {
  const dot = event.target.closest?.(".curve-dot"), curve = dot?.closest("[data-curve]");
  const way = KEYS[event.key];
  if (!curve || !way) return;
  event.preventDefault();
  const points = pointsOf(curve), scale = scaleOf(points);
  const at = [...dot.ownerSVGElement.querySelectorAll(".curve-dot")].indexOf(dot);
  const [x, y] = points[at].at, wide = scale.high - scale.low > 20 ? 1 : (scale.high - scale.low) / 100;
  move(curve, at, x + way[0] * wide, y + way[1]);
  changed(curve);
}

/** A questionnaire has groups, a figure has a curve. */
function arrange(part) {
  const asks = part.querySelector("[data-kind]").value === "questionnaire";
  part.querySelectorAll("[data-of]").forEach((each) => {
    each.hidden = (each.dataset.of === "questionnaire") !== asks;
  });
}

// Order

/** Let the rows of a list be dragged by their handle; the server is told what went where, as by a button. */
function sortable(list) {
  if (list.dataset.ready) return;
  list.dataset.ready = "1";
  Sortable.create(list, {
    handle: "[data-handle]", draggable: "[data-sort-item]", animation: 120, ghostClass: "is-moving",
    onEnd: ({ oldDraggableIndex: from, newDraggableIndex: to }) => {
      if (from === to) return;
      window.htmx.ajax("POST", list.dataset.sortUrl, {
        source: document.getElementById("editor"), target: box, values: { do: `to:${list.dataset.sorted}${from}:${to}` },
      });
    },
  });
}

function refresh() {
  box.querySelectorAll("[data-sorted]").forEach(sortable);
  box.querySelectorAll("[data-weights]").forEach(sums);
  box.querySelectorAll("[data-part]").forEach(arrange);
  box.querySelectorAll("[data-curve]:not([hidden])").forEach(draw);
}

document.documentElement.classList.add("has-drag");
box.addEventListener("input", (event) => {
  const group = event.target.closest("[data-weights]");
  if (event.target.matches(".weight-range")) follow(group, event.target);
  else if (event.target.name?.endsWith("weight")) sums(group);
  const curve = event.target.closest("[data-curve]");
  if (curve) draw(curve);
});
box.addEventListener("change", (event) => {
  const part = event.target.closest("[data-part]");
  if (!part || !event.target.matches("[data-kind], [data-curve-kind]")) return;
  arrange(part);
  part.querySelectorAll("[data-curve]:not([hidden])").forEach(draw);
});
box.addEventListener("pointerdown", grab);
box.addEventListener("keydown", nudge);
document.body.addEventListener("htmx:afterSettle", (event) => { if (box.contains(event.target)) refresh(); });
refresh();
