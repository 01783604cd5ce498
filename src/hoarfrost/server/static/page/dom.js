// What all parts of the page use: elements, settings, milliseconds.

export const $ = (id) => document.getElementById(id);

/** Make an element. Properties are set as they are; text is never read as HTML. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** The settings of the moment, under their names on the wire; those at their defaults are left out. */
export function options() {
  const given = { speaker: $("speaker").value, audioFormat: $("format").value, samplingRate: $("rate").value };
  if ($("lang").value) given.lang = $("lang").value;
  if (Number($("speed").value) !== 1) given.speedAlpha = $("speed").value;
  if ($("inline-speeds").value) given.inlineSpeedAlpha = $("inline-speeds").value;
  if ($("segment").value !== "bySentence") given.segment = $("segment").value;
  return given;
}

/** Text as a language model would send it: tokens of some four characters. */
export function tokens(text) {
  return text.match(/\s*\S{1,4}|\s+$/gu) ?? [];
}

export const ms = (value) => (Number.isFinite(value) ? `${Math.round(value)} ms` : "–");

/** What a refusal is, for people. */
export function explain(fault) {
  const told = { 0: "no connection", 401: "not signed in", 403: "forbidden", 429: "refused, the server is full" }[fault.status];
  return told ? `${told}: ${fault.message}` : fault.message;
}
