// The voices: found, heard, chosen; and which Rime names stand for them.

import { $, make } from "./dom.js";
import { say } from "./speak.js";

let voices = [];

const FILTERS = { "by-language": "language_name", "by-gender": "gender", "by-licence": "licence", "by-engine": "engine" };

function matches(voice) {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const told = [voice.name, voice.description, voice.language, voice.language_name, ...voice.aliases, ...voice.tags].join(" ").toLowerCase();
  return (
    words.every((word) => told.includes(word)) &&
    Object.entries(FILTERS).every(([id, property]) => !$(id).value || $(id).value === voice[property])
  );
}

function choose(voice) {
  $("speaker").value = voice.name;
  $("speaker").dispatchEvent(new Event("change", { bubbles: true }));
}

function describe(voice) {
  const names = voice.aliases.length ? `Rime names: ${voice.aliases.join(", ")}` : "no Rime name maps to it";
  const about = [voice.language_name, voice.gender, voice.engine, voice.licence].filter(Boolean).join(" · ");
  const sample = make("button", { textContent: "Play", type: "button" });
  sample.setAttribute("aria-label", `Play a sample of ${voice.name}`);
  sample.addEventListener("click", () => {
    choose(voice);
    say($("text").value.slice(0, 120).replace(/\s+\S*$/u, " "), 0);
  });
  const told = make("p", {}, make("strong", { textContent: voice.name }), ` ${voice.description}`);
  const more = make("p", { className: "about", textContent: `${about} · ${names}` });
  return make("li", {}, sample, make("div", {}, told, more));
}

function show() {
  const found = voices.filter(matches);
  $("voices").replaceChildren(...found.map(describe));
  $("n-voices").textContent = `${found.length} of ${voices.length} voices`;
}

/** Offer the languages of the chosen voice. */
function offerLanguages() {
  const voice = voices.find(({ name }) => name === $("speaker").value);
  const kept = $("lang").value;
  const languages = voice && voice.languages.length > 1 ? voice.languages : [];
  $("lang").replaceChildren(
    make("option", { value: "", textContent: "the voice's own" }),
    ...languages.map((tag) => make("option", { value: tag, textContent: tag })),
  );
  $("lang").value = languages.includes(kept) ? kept : "";
}

export async function begin() {
  voices = await (await fetch("/voices")).json();
  const option = ({ name, language_name }) => make("option", { value: name, textContent: `${name} (${language_name})` });
  $("speaker").replaceChildren(...voices.map(option));
  const usual = voices.find(({ name, aliases }) => name === "heart" || aliases.includes("cove")) ?? voices[0];
  if (usual) $("speaker").value = usual.name;
  for (const [id, property] of Object.entries(FILTERS)) {
    const values = [...new Set(voices.map((voice) => voice[property]))].filter(Boolean).sort();
    $(id).append(...values.map((value) => make("option", { value, textContent: value })));
    $(id).addEventListener("change", show);
  }
  $("search").addEventListener("input", show);
  $("speaker").addEventListener("change", offerLanguages);
  offerLanguages();
  show();
}
