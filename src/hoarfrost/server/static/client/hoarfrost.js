// Speech in a web page: connect, send, flush, clear, play. See docs/browser.md.
//
//   import { connect, Player } from "http://127.0.0.1:8000/client/hoarfrost.js";
//   const player = await Player.open({ rate: 24000 }); // in the handler of a click
//   const speech = await connect({ key, player, speaker: "cove" });
//   speech.send("Hello there! ");
//   speech.flush();

const HERE = new URL("..", import.meta.url);

/** A request that the server refused, or that did not reach it. `status` is 0 where nobody answered. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.name = "Refused";
    this.status = status;
  }
}

/**
 * Fetch a one-use ticket for an upgrade with these options; the server judges them on the way.
 *
 * @param {{server?: URL|string, key?: string, options?: object}} request
 * @returns {Promise<string>}
 * @throws {Refused}
 */
export async function fetchTicket({ server = HERE, key = "", options = {} }) {
  const url = new URL("tickets", server);
  url.search = new URLSearchParams(options);
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  let answer;
  try {
    answer = await fetch(url, { method: "POST", headers, cache: "no-store" });
  } catch {
    throw new Refused(0, "the server cannot be reached");
  }
  if (!answer.ok) throw new Refused(answer.status, (await answer.text()).trim());
  return (await answer.json()).ticket;
}

/**
 * Open a conversation.
 *
 * @param {object} request
 * @param {URL|string} [request.server] Where it is; by default where this module came from.
 * @param {string} [request.key] An API key. Do not put one into a public page: see `getTicket`.
 * @param {() => Promise<string>} [request.getTicket] Asks your own backend for a ticket.
 * @param {Player} [request.player] What plays the audio; without one, listen for "audio" events.
 * All other properties are options of the wire: speaker, audioFormat, samplingRate, lang, …
 * @returns {Promise<Conversation>}
 * @throws {Refused}
 */
export async function connect({ server = HERE, key, getTicket, player, ...given }) {
  const options = { audioFormat: "pcm", samplingRate: player?.rate ?? 24000, ...given, events: "json" };
  const ask = getTicket ?? (() => fetchTicket({ server, key, options }));
  const url = new URL("ws", server);
  url.protocol = url.protocol.replace("http", "ws");
  url.search = new URLSearchParams({ ...options, ticket: await ask() });
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const conversation = new Conversation(socket, options, player);
  try {
    await conversation.opened;
  } catch {
    await ask(); // a browser does not tell why an upgrade was refused; this answer does
    throw new Refused(0, "the connection was refused; it may work now");
  }
  return conversation;
}

/**
 * One socket. Dispatches "audio" (detail: {bytes, samples, stale}), "closed" ({code, reason}), and each event of
 * the server under its type, with the message as detail: "ready", "started", "segment", "step", "words", "done",
 * "cleared", "error".
 */
export class Conversation extends EventTarget {
  #socket;
  #options;
  #player;
  #isClearing = false; // a clear is sent and not answered: what comes is stale
  #held = null; // messages from a second clear on, until the first is answered
  #mp3 = [];
  #headerLeft;

  constructor(socket, options, player) {
    super();
    this.#socket = socket;
    this.#options = options;
    this.#player = player;
    this.#headerLeft = options.audioFormat === "wav" ? 44 : 0;
    this.opened = new Promise((resolve, reject) => {
      this.addEventListener("ready", resolve, { once: true });
      this.addEventListener("closed", reject, { once: true });
    });
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => {
      this.#player?.end();
      this.#tell("closed", { code, reason });
    };
  }

  get isOpen() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Send text, cut anywhere. */
  send(text) {
    if (this.#held) this.#held.push(text);
    else this.#socket.send(text);
  }

  /** Have spoken what is buffered. */
  flush() {
    this.send("<FLUSH>");
  }

  /** Interrupt: nothing of what was said before is heard from now on. Resolves when it is silent. */
  async clear() {
    if (this.isOpen && this.#isClearing) {
      this.#held = ["<CLEAR>"]; // two answers could not be told from one
    } else if (this.isOpen) {
      this.#isClearing = true;
      this.#socket.send("<CLEAR>");
    }
    this.#mp3 = [];
    await this.#player?.clear();
  }

  /** Have spoken what is buffered, then close. */
  end() {
    if (this.isOpen) this.send("<EOS>");
  }

  /** Close now. */
  close() {
    this.#socket.close();
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #receive(data) {
    if (typeof data === "string") {
      const event = JSON.parse(data);
      if (event.type === "cleared") this.#release();
      if (this.#isClearing && event.type !== "error") return; // of what was cleared
      if (event.type === "done") this.#finish();
      this.#tell(event.type, event);
      return;
    }
    const stale = this.#isClearing;
    const samples = this.#decode(data);
    this.#tell("audio", { bytes: data.byteLength, samples, stale });
    if (!stale && samples) this.#player?.push(samples);
  }

  #release() {
    this.#isClearing = this.#held !== null;
    for (const message of this.#held ?? []) this.#socket.send(message);
    this.#held = null;
  }

  #decode(data) {
    switch (this.#options.audioFormat) {
      case "mulaw":
        return fromMulaw(new Uint8Array(data));
      case "mp3":
        this.#mp3.push(data);
        return null;
      default: {
        const skip = Math.min(this.#headerLeft, data.byteLength);
        this.#headerLeft -= skip;
        return fromPcm(data.slice(skip));
      }
    }
  }

  #finish() {
    // Browsers decode MP3 as a whole only: an utterance at a time.
    if (this.#mp3.length) this.#player?.pushMp3(this.#mp3.splice(0));
    else this.#player?.end();
  }
}

/** Plays samples through an AudioWorklet. Dispatches "report" events; see player-worklet.js. */
export class Player extends EventTarget {
  #node;
  #generation = 0;
  #nSinceClear = 0;
  #silence = [];
  /** Samples handed over since the beginning, without those that a clear dropped. */
  pushed = 0;
  /** The last report: {played, buffered, underruns, playing}. */
  state = { played: 0, buffered: 0, underruns: 0, playing: false };

  /** Open the loudspeaker; call it in the handler of a click or a key. */
  static async open({ rate = 24000, jitterMs = 40 } = {}) {
    const context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    await context.audioWorklet.addModule(new URL("player-worklet.js", import.meta.url));
    await context.resume();
    return new Player(context, jitterMs);
  }

  constructor(context, jitterMs) {
    super();
    this.context = context;
    this.rate = context.sampleRate;
    const processorOptions = { jitterSamples: Math.round((jitterMs / 1000) * this.rate) };
    this.#node = new AudioWorkletNode(context, "hoarfrost-player", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions,
    });
    this.#node.connect(context.destination);
    this.#node.port.onmessage = ({ data }) => {
      this.state = data;
      if (data.silent) {
        this.pushed = data.played + this.#nSinceClear; // the rest is gone
        for (const resolve of this.#silence.splice(0)) resolve();
      }
      this.dispatchEvent(new CustomEvent("report", { detail: data }));
    };
  }

  /** Play samples (Float32Array, -1 to 1, at the context's rate) after those before. */
  push(samples) {
    this.pushed += samples.length;
    this.#nSinceClear += samples.length;
    this.#node.port.postMessage({ samples, generation: this.#generation });
  }

  async pushMp3(parts) {
    const generation = this.#generation;
    const decoded = await this.context.decodeAudioData(await new Blob(parts).arrayBuffer());
    if (generation !== this.#generation) return;
    this.push(decoded.getChannelData(0));
    this.end();
  }

  /** Tell that nothing more is expected now: to run dry is no underrun. */
  end() {
    this.#node.port.postMessage({ end: true });
  }

  /** Fade out and forget all that was pushed. Resolves when it is silent. */
  clear() {
    this.#generation++;
    this.#nSinceClear = 0;
    return new Promise((resolve) => {
      this.#silence.push(resolve);
      this.#node.port.postMessage({ clear: true, generation: this.#generation });
    });
  }

  /** Close the loudspeaker. */
  close() {
    return this.context.close();
  }
}

/** Signed 16-bit little-endian samples as floats. */
export function fromPcm(buffer) {
  const view = new DataView(buffer);
  const samples = new Float32Array(buffer.byteLength >> 1);
  for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(2 * i, true) / 32768;
  return samples;
}

/** ITU-T G.711 mu-law as floats. */
export function fromMulaw(bytes) {
  return Float32Array.from(bytes, (byte) => {
    const code = ~byte & 0xff;
    const size = ((((code & 0x0f) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
    return (code & 0x80 ? -size : size) / 32768;
  });
}
