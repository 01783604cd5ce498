// One speaker: what is typed is streamed, heard, and shown; and interrupted.

import { Player } from "/client/hoarfrost.js";
import { $, explain, make, ms, options, tokens } from "./dom.js";
import { open } from "./session.js";
import { Timeline } from "./timeline.js";
import { Transcript } from "./transcript.js";

const timeline = new Timeline();
let player = null;
let speech = null;
let settings = ""; // of the open conversation
let nSent = 0; // characters sent on it, as the server counts them
let transcript = null;
let base = 0; // where the utterance begins in the player, in milliseconds
let run = 0; // counts up with every Speak and every interruption: what belongs to an earlier one stops
let began = 0;
let isFirst = true;
let wasPlaying = false;
let lastReport = 0;
let isStreaming = false;

const inMs = (samples) => (samples / player.rate) * 1000;

async function ready() {
  const wanted = options();
  const rate = Number(wanted.samplingRate);
  if (player?.rate !== rate) {
    await player?.close();
    player = await Player.open({ rate });
    player.addEventListener("report", ({ detail }) => report(detail));
  }
  if (speech?.isOpen && settings === JSON.stringify(wanted)) return;
  speech?.close();
  $("status").textContent = "connecting";
  speech = await open({ ...wanted, player });
  settings = JSON.stringify(wanted);
  nSent = 0;
  listen(speech);
  $("status").textContent = `connected, ${wanted.speaker}`;
}

function listen(current) {
  const on = (type, act) =>
    current.addEventListener(type, ({ detail }) => {
      if (current === speech) act(detail);
    });
  on("audio", ({ bytes, samples, stale }) => {
    if (stale) return;
    if (isFirst) {
      isFirst = false;
      $("first-audio").textContent = ms(performance.now() - began);
    }
    timeline.mark("frames", {});
    timeline.tell(`frame of ${bytes} bytes${samples ? `, ${ms(inMs(samples.length))} of audio` : ""}`);
  });
  on("started", ({ utterance }) => {
    base = inMs(player.pushed);
    timeline.tell(`utterance ${utterance} started`);
  });
  on("segment", ({ start, end, cut }) => {
    timeline.mark("segments", { label: cut ?? "" });
    timeline.tell(`segment, characters ${start} to ${end}, cut by: ${cut}`);
  });
  on("step", ({ work_ms, audio_ms }) => {
    timeline.mark("steps", { at: Math.max(0, timeline.now() - work_ms), length: work_ms });
    timeline.tell(`step of ${work_ms.toFixed(1)} ms, ${ms(audio_ms)} of audio`);
  });
  on("words", ({ words }) => {
    transcript?.learn(words, base);
    timeline.tell(`words: ${words.map(({ word, start_ms }) => `${word} at ${ms(start_ms)}`).join(", ")}`);
  });
  on("done", ({ utterance, audio_ms, first_audio_ms, parts }) => {
    if (first_audio_ms !== undefined && $("server-part").textContent === "–") $("server-part").textContent = ms(first_audio_ms);
    const told = parts ? `; held ${ms(parts.held_ms)}, synthesis ${ms(parts.synthesis_ms)}, waited ${ms(parts.waited_ms)}` : "";
    timeline.tell(`utterance ${utterance} done, ${ms(audio_ms)} of audio${told}`);
  });
  on("cleared", ({ sent_ms, heard_ms }) => timeline.tell(`cleared: ${ms(sent_ms)} sent, ${ms(heard_ms)} heard at most`));
  on("error", ({ message }) => fail(message));
  on("closed", ({ code, reason }) => {
    $("status").textContent = code === 1000 ? "not connected" : "connection lost";
    if (code !== 1000) fail(`The connection was lost${reason ? `: ${reason}` : ""}. Speak again to reconnect.`);
    timeline.tell(`closed with ${code} ${reason}`);
    run++;
  });
}

function report({ played, buffered, underruns, playing, peak }) {
  $("underruns").textContent = underruns;
  $("ahead").textContent = ms(inMs(buffered));
  $("interrupt").disabled = !playing && buffered === 0 && !isStreaming;
  transcript?.light(inMs(played));
  const now = timeline.now();
  if (playing && wasPlaying) {
    const at = Math.max(lastReport, now - 100); // reports come every 21 ms, if the page is not busy
    timeline.mark("played", { at, length: now - at });
    timeline.mark("waveform", { at, length: now - at, level: peak });
  }
  wasPlaying = playing;
  lastReport = now;
}

async function stream(text, perSecond) {
  const mine = run;
  const pieces = perSecond ? tokens(text) : [text];
  isStreaming = true;
  for (const [i, piece] of pieces.entries()) {
    const due = began + (perSecond ? (i * 1000) / perSecond : 0);
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (mine !== run) return;
    speech.send(piece);
    nSent += Array.from(piece).length;
    transcript.append(piece);
    timeline.mark("tokens");
  }
  isStreaming = false;
  speech.flush();
  timeline.tell("all text is sent, and flushed");
}

/** Say a text with the settings of the moment. */
export async function say(text, perSecond) {
  $("speak-fault").textContent = "";
  $("interruption").replaceChildren();
  try {
    if (speech?.isOpen && (isStreaming || player.state.playing || player.state.buffered)) await speech.clear();
    run++;
    await ready();
  } catch (fault) {
    fail(explain(fault));
    $("status").textContent = "not connected";
    return;
  }
  timeline.reset();
  transcript = new Transcript($("spoken"), nSent);
  $("first-audio").textContent = $("server-part").textContent = "–";
  isFirst = true;
  began = performance.now();
  $("interrupt").disabled = false;
  await stream(text, perSecond);
}

async function interrupt() {
  if ($("interrupt").disabled) return;
  run++;
  isStreaming = false;
  const asked = performance.now();
  const mine = speech;
  let nStale = 0;
  const count = ({ detail }) => {
    if (detail.stale && detail.samples) nStale += detail.samples.length;
  };
  mine.addEventListener("audio", count);
  const cleared = new Promise((resolve) => {
    mine.addEventListener("cleared", resolve, { once: true });
    mine.addEventListener("closed", resolve, { once: true });
  });
  timeline.mark("interrupted");
  await mine.clear();
  const silentAfter = performance.now() - asked;
  const { played, generation } = player.state;
  const { heard, unheard } = transcript.cut(inMs(played));
  $("interrupt").disabled = true;
  await cleared;
  mine.removeEventListener("audio", count);
  // Silent since the fade: what the player has played beyond it would be stale.
  const stalePlayed = player.state.generation === generation ? player.state.played - played : 0;
  timeline.tell(`interrupted; silent after ${ms(silentAfter)}`);
  const line = (term, text, id) => [make("dt", { textContent: term }), make("dd", { textContent: text, id })];
  const list = make("dl", {}, ...line("Silent after", `${ms(silentAfter)}, and the loudspeaker's own ${ms((player.context.outputLatency ?? 0) * 1000)}`, "silent-after"));
  list.append(
    ...line("Stale audio played", ms(inMs(stalePlayed)), "stale-played"),
    ...line("Stale audio received and dropped", ms(inMs(nStale)), "stale-dropped"),
    ...line("Heard", heard || "nothing", "heard"),
    ...line("Not heard", unheard || "nothing", "unheard"),
  );
  $("interruption").replaceChildren(make("h3", { textContent: "Interrupted" }), list);
}

function fail(message) {
  $("speak-fault").textContent = message;
}

export function begin() {
  $("speak").addEventListener("click", () => say($("text").value, Number($("arrival").value)));
  $("interrupt").addEventListener("click", interrupt);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") interrupt();
  });
  addEventListener("resize", () => timeline.draw());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => timeline.draw());
  timeline.draw();
}
