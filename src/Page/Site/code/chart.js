/** A curve with axes and numbers, in SVG that is drawn to the size that it has on the page. */

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 46, right: 14, top: 10, bottom: 24 };
const HEIGHT = 168;

export class Chart {
  #points = [];

  /**
   * @param {HTMLElement} figure holds an `svg`
   * @param {string} name what the curve is of, for those who hear the page
   */
  constructor(figure, name) {
    this.svg = figure.querySelector("svg");
    this.name = name;
    new ResizeObserver(() => this.#draw()).observe(this.svg);
  }

  /** @param {{ x: number, y: number }[]} points in the order of x */
  show(points) {
    this.#points = points.filter(({ y }) => Number.isFinite(y));
    this.#draw();
  }

  #draw() {
    const width = this.svg.clientWidth;
    if (width === 0) {
      return;
    }

    const points = this.#points;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.svg.setAttribute("aria-label", this.#inWords());
    const xs = ticks(1, Math.max(10, points.at(-1)?.x ?? 0), 6, true);
    const ys = points.length === 0 ? [0, 0.5, 1] : ticks(...rangeOf(points.map(({ y }) => y)), 4, false);
    const first = points[0]?.x ?? 1;
    const x = scale(Math.min(1, first), Math.max(xs.at(-1), points.at(-1)?.x ?? 1), MARGIN.left, width - MARGIN.right);
    const y = scale(ys[0], ys.at(-1), HEIGHT - MARGIN.bottom, MARGIN.top);
    const parts = [];
    for (const value of ys) {
      parts.push(line("grid", MARGIN.left, y(value), width - MARGIN.right, y(value)));
      parts.push(text(format(value, ys[1] - ys[0]), MARGIN.left - 8, y(value) + 4, "end"));
    }

    for (const value of xs) {
      parts.push(text(String(value), x(value), HEIGHT - 6, "middle"));
    }

    parts.push(text("step", MARGIN.left - 8, HEIGHT - 6, "end"));
    if (points.length > 0) {
      const path = points.map((point, i) => `${i === 0 ? "M" : "L"}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join("");
      parts.push(element("path", { class: "curve", d: path }));
      parts.push(element("circle", { class: "now", cx: x(points.at(-1).x), cy: y(points.at(-1).y), r: 3.5 }));
    }

    this.svg.replaceChildren(...parts);
  }

  #inWords() {
    const points = this.#points;
    return points.length === 0
      ? `${this.name}: no step yet`
      : `${this.name}: ${points[0].y.toPrecision(3)} at step ${points[0].x}, ${points.at(-1).y.toPrecision(3)} at step ${points.at(-1).x}`;
  }
}

/** Round numbers from the one below `low` to the one above `high`; whole ones between them where `inner` is set. */
export function ticks(low, high, most, inner) {
  const span = high - low || Math.max(Math.abs(high), 1) / 10;
  const raw = span / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  let step = power * [1, 2, 5, 10].find((each) => each * power >= raw);
  if (inner) {
    step = Math.max(1, step);
  }

  const from = inner ? Math.ceil(low / step) : Math.floor(low / step);
  const to = inner ? Math.floor(high / step) : Math.max(Math.ceil(high / step), from + 1);
  return Array.from({ length: to - from + 1 }, (_, i) => (from + i) * step);
}

// Rounding below zero makes no room for numbers below zero.
function rangeOf(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const isNone = (value) => Math.abs(value) < (high - low) / 1000;
  return [isNone(low) ? 0 : low, isNone(high) ? 0 : high];
}

function format(value, step) {
  const digits = Math.max(0, Math.min(8, -Math.floor(Math.log10(step) + 1e-9)));
  return (Math.abs(value) < step / 2 ? 0 : value).toFixed(digits);
}

function scale(from, to, start, end) {
  return (value) => start + ((value - from) / (to - from || 1)) * (end - start);
}

function line(name, x1, y1, x2, y2) {
  return element("line", { class: name, x1, y1, x2, y2 });
}

function text(content, x, y, anchor) {
  const node = element("text", { x, y, "text-anchor": anchor });
  node.textContent = content;
  return node;
}

function element(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    node.setAttribute(key, value);
  }

  return node;
}
