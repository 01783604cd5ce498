// Many callers at once: each its own connection; what they hear is played by the clock alone.

import { $, explain, make, ms, options, tokens } from "./dom.js";
import { open } from "./session.js";

/** A listener without a loudspeaker: counts the gaps that one would hear. */
class ClockedPlayer {
  underruns = 0;
  #rate;
  #dryAt = 0;
  #isExpecting = false;

  constructor(rate) {
    this.#rate = rate;
    this.rate = rate;
  }

  push(samples) {
    const now = performance.now();
    if (this.#isExpecting && now > this.#dryAt + 20) this.underruns++;
    this.#dryAt = Math.max(this.#dryAt, now) + (samples.length / this.#rate) * 1000;
    this.#isExpecting = true;
  }

  end() {
    this.#isExpecting = false;
  }

  async clear() {
    this.#dryAt = 0;
    this.#isExpecting = false;
  }
}

async function call(row, text, perSecond, wanted) {
  const [, first, gaps, state] = row.cells;
  const player = new ClockedPlayer(Number(wanted.samplingRate));
  state.textContent = "connecting";
  let speech;
  try {
    speech = await open({ ...wanted, player });
  } catch (fault) {
    state.textContent = explain(fault);
    return { isRefused: true };
  }
  const began = performance.now();
  let firstMs;
  const closed = new Promise((resolve) => speech.addEventListener("closed", ({ detail }) => resolve(detail)));
  speech.addEventListener("audio", () => {
    if (firstMs === undefined) first.textContent = ms((firstMs = performance.now() - began));
    gaps.textContent = player.underruns;
  });
  speech.addEventListener("error", ({ detail }) => (state.textContent = detail.message));
  state.textContent = "speaking";
  for (const piece of perSecond ? tokens(text) : [text]) {
    if (!speech.isOpen) break;
    speech.send(piece);
    if (perSecond) await new Promise((resolve) => setTimeout(resolve, 1000 / perSecond));
  }
  speech.end();
  const { code, reason } = await closed;
  state.textContent = code === 1000 ? "done" : `lost (${code}) ${reason}`;
  return { firstMs, underruns: player.underruns };
}

export function begin() {
  $("many").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = $("many").querySelector("button");
    button.disabled = true;
    const n = Math.min(20, Math.max(1, Number($("n-callers").value)));
    const wanted = { ...options(), audioFormat: "pcm" };
    const rows = Array.from({ length: n }, (_, i) => {
      const number = make("th", { scope: "row", textContent: i + 1 });
      return make("tr", {}, number, make("td", { textContent: "–" }), make("td", { textContent: "0" }), make("td"));
    });
    $("callers").replaceChildren(...rows);
    $("many-summary").textContent = `${n} are calling`;
    const text = $("text").value;
    const results = await Promise.all(rows.map((row) => call(row, text, Number($("arrival").value), wanted)));
    const heard = results.filter(({ firstMs }) => firstMs !== undefined);
    const firsts = heard.map(({ firstMs }) => firstMs).sort((a, b) => a - b);
    const nUnderruns = heard.reduce((sum, { underruns }) => sum + underruns, 0);
    const nRefused = results.filter(({ isRefused }) => isRefused).length;
    $("many-summary").textContent =
      `${heard.length} heard, ${nRefused} refused; first audio ${ms(firsts[firsts.length >> 1])} at the median, ` +
      `${ms(firsts.at(-1))} at most; ${nUnderruns} underruns`;
    button.disabled = false;
  });
}
