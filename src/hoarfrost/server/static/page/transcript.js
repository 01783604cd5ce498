// The text as it is spoken: words light up, and after an interruption it shows what was not heard.

import { make } from "./dom.js";

export class Transcript {
  #element;
  #rest; // text whose words are not known yet
  #restStart; // its offset in all that was sent, in code points
  #words = []; // {span, startMs, endMs, utteranceStart}

  /** @param {HTMLElement} element @param {number} offset Of what comes, in all that was sent. */
  constructor(element, offset) {
    this.#element = element;
    this.#rest = document.createTextNode("");
    this.#restStart = offset;
    element.replaceChildren(this.#rest);
  }

  append(text) {
    this.#rest.data += text;
  }

  /** Take word times; `base` is where their utterance begins in the player, in milliseconds. */
  learn(words, base) {
    for (const { start, end, start_ms, end_ms } of words) {
      if (start < this.#restStart) continue; // of an earlier text
      const points = Array.from(this.#rest.data);
      const before = points.slice(0, start - this.#restStart).join("");
      const span = make("span", { textContent: points.slice(start - this.#restStart, end - this.#restStart).join("") });
      this.#rest.data = points.slice(end - this.#restStart).join("");
      this.#rest.before(before, span);
      this.#restStart = end;
      this.#words.push({ span, startMs: base + start_ms, endMs: base + end_ms });
    }
  }

  /** Mark what is heard at this moment of the player, in milliseconds. */
  light(playedMs) {
    for (const { span, startMs, endMs } of this.#words) {
      // Times are told to the microsecond, and rounded: half a millisecond is no difference.
      const state = playedMs + 0.5 >= endMs ? "said" : playedMs >= startMs ? "now" : "";
      if (span.className !== state) span.className = state;
    }
  }

  /** Mark what was not heard; return both parts as text. */
  cut(playedMs) {
    this.light(playedMs);
    const last = this.#words.findLast(({ startMs }) => startMs <= playedMs)?.span;
    let isHeard = last !== undefined;
    const parts = { heard: "", unheard: "" };
    for (const node of [...this.#element.childNodes]) {
      parts[isHeard ? "heard" : "unheard"] += node.textContent;
      if (!isHeard) node.replaceWith(make("span", { className: "unheard", textContent: node.textContent }));
      if (node === last) isHeard = false;
    }
    this.#words = [];
    this.#rest = document.createTextNode("");
    this.#element.append(this.#rest);
    return parts;
  }
}
