// One live picture: tokens, segments with the reason of their cut, steps of synthesis, frames received, audio played, its waveform.

import { $, make } from "./dom.js";

const ROWS = ["tokens", "segments", "steps", "frames", "played", "waveform"];
const LEFT = 76;

export class Timeline {
  #canvas = $("timeline");
  #marks = []; // {row, at, length, label, level, line}
  #began = performance.now();
  #until = 0;
  #isDrawing = false;
  #nSegments = 0;

  reset() {
    this.#marks = [];
    this.#nSegments = 0;
    this.#began = performance.now();
    this.#until = 0;
    $("events").replaceChildren();
  }

  /** Milliseconds since the beginning. */
  now() {
    return performance.now() - this.#began;
  }

  /** Put something on a row, at this moment if not told otherwise. */
  mark(row, { at = this.now(), length = 0, label = "", level = 0 } = {}) {
    const line = row === "segments" ? this.#nSegments++ % 3 : 0; // neighbours' labels do not touch
    this.#marks.push({ row, at, length, label, level, line });
    this.#until = Math.max(this.#until, at + length);
    if (!this.#isDrawing) {
      this.#isDrawing = true;
      requestAnimationFrame(() => this.draw());
    }
  }

  /** Add a line to the events as text. */
  tell(text) {
    const line = make("li", { textContent: `${(this.now() / 1000).toFixed(3)} s  ${text}` });
    $("events").append(line);
    if ($("events").childElementCount > 500) $("events").firstElementChild.remove();
  }

  draw() {
    this.#isDrawing = false;
    const canvas = this.#canvas;
    const { width, height } = canvas.getBoundingClientRect();
    const scale = devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.font = "12px system-ui, sans-serif";
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`);
    const rowHeight = (height - 20) / ROWS.length;
    const span = Math.max(2000, this.#until * 1.05);
    const x = (at) => LEFT + (at / span) * (width - LEFT);
    const y = (row) => ROWS.indexOf(row) * rowHeight;

    const step = [250, 500, 1000, 2000, 5000, 10000, 30000].find((each) => x(each) - LEFT > 60) ?? 60000;
    for (let at = 0; at <= span; at += step) {
      pen.fillStyle = colour("line");
      pen.fillRect(x(at), 0, 1, height - 18);
      pen.fillStyle = colour("quiet");
      pen.fillText(`${at / 1000} s`, x(at) + 3, height - 5);
    }
    for (const row of ROWS) pen.fillText(row, 0, y(row) + rowHeight / 2 + 4);
    for (const mark of this.#marks) this.#drawMark(pen, mark, { x, y, rowHeight, colour });
  }

  #drawMark(pen, { row, at, length, label, level, line }, { x, y, rowHeight, colour }) {
    const width = Math.max(1.5, x(at + length) - x(at) - 1);
    const top = y(row) + 6;
    const tall = rowHeight - 12;
    switch (row) {
      case "tokens":
        pen.fillStyle = colour("accent");
        pen.fillRect(x(at), top + tall / 4, 2, tall / 2);
        break;
      case "segments":
        pen.fillStyle = colour("segment");
        pen.fillRect(x(at), top, 2, tall);
        pen.fillText(label, x(at) + 5, top + 10 + line * 13);
        break;
      case "steps":
        pen.fillStyle = colour("segment");
        pen.fillRect(x(at), top + tall / 4, width, tall / 2);
        break;
      case "frames":
        pen.fillStyle = colour("frame");
        pen.fillRect(x(at), top + tall / 4, 2, tall / 2);
        break;
      case "played":
        pen.fillStyle = colour("played");
        pen.fillRect(x(at), top + tall / 3, width + 1, tall / 3);
        break;
      case "waveform":
        pen.fillStyle = colour("played");
        pen.fillRect(x(at), top + tall / 2 - (level * tall) / 2, width, Math.max(1, level * tall));
        break;
      case "interrupted":
        pen.fillStyle = colour("fault");
        pen.fillRect(x(at), 0, 2, ROWS.length * rowHeight);
        break;
    }
  }
}
