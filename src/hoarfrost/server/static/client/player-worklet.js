// Plays samples as they come, on the browser's audio thread.
//
// In: messages {samples, generation}, {end}, {clear, generation}. Out: reports. Invariant: no sample of
// an earlier generation is heard once a clear has faded out, and nothing starts or stops with a click.

const FADE = 128; // samples: 5 ms at 24 kHz
const REPORT_EVERY = 4; // quanta of 128 samples: 21 ms at 24 kHz

class Player extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.jitter = processorOptions.jitterSamples;
    this.chunks = [];
    this.offset = 0; // into the first chunk
    this.buffered = 0;
    this.generation = 0;
    this.playing = false;
    this.ended = true; // nothing more is expected now: running dry is no underrun
    this.played = 0;
    this.underruns = 0;
    this.fadeIn = 0;
    this.fading = null; // what was heard when a clear came, on its way to silence
    this.peak = 0;
    this.quanta = 0;
    this.port.onmessage = ({ data }) => this.receive(data);
  }

  receive(message) {
    if (message.samples) {
      if (message.generation !== this.generation) return;
      this.chunks.push(message.samples);
      this.buffered += message.samples.length;
      this.ended = false;
    } else if (message.end) {
      this.ended = true;
    } else if (message.clear) {
      this.fading = this.playing ? this.take(FADE) : new Float32Array(0);
      this.chunks = [];
      this.offset = 0;
      this.buffered = 0;
      this.generation = message.generation;
      this.playing = false;
      this.ended = true;
    }
  }

  // Up to n samples from the queue, fewer if it runs dry.
  take(n) {
    const out = new Float32Array(Math.min(n, this.buffered));
    let filled = 0;
    while (filled < out.length) {
      const first = this.chunks[0];
      const part = first.subarray(this.offset, this.offset + out.length - filled);
      out.set(part, filled);
      filled += part.length;
      this.offset += part.length;
      if (this.offset === first.length) {
        this.chunks.shift();
        this.offset = 0;
      }
    }
    this.buffered -= out.length;
    return out;
  }

  process(_inputs, [[output]]) {
    if (this.fading) {
      const last = this.fading;
      for (let i = 0; i < last.length && i < output.length; i++) output[i] = last[i] * (1 - i / last.length);
      this.played += last.length;
      this.fading = null;
      this.report({ silent: true });
      return true;
    }
    if (!this.playing && this.buffered > 0 && (this.ended || this.buffered >= this.jitter)) {
      this.playing = true;
      this.fadeIn = FADE;
    }
    if (this.playing) {
      const samples = this.take(output.length);
      for (let i = 0; i < samples.length; i++) {
        let gain = 1;
        if (this.fadeIn > 0) gain = 1 - this.fadeIn-- / FADE;
        output[i] = samples[i] * gain;
        this.peak = Math.max(this.peak, Math.abs(output[i]));
      }
      this.played += samples.length;
      if (samples.length < output.length) {
        this.playing = false;
        if (!this.ended) this.underruns++;
        this.report();
      }
    }
    if (++this.quanta % REPORT_EVERY === 0) this.report();
    return true;
  }

  report(more = {}) {
    this.port.postMessage({
      played: this.played,
      buffered: this.buffered,
      underruns: this.underruns,
      playing: this.playing,
      generation: this.generation,
      peak: this.peak,
      ...more,
    });
    this.peak = 0;
  }
}

registerProcessor("hoarfrost-player", Player);
