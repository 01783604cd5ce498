// A second implementation of a client: the `ws` package, as Node voice bots use it.
// node client.mjs URL KEY < messages.json > audio; the summary goes to standard error as JSON.
import WebSocket from "ws";
import { readFileSync, writeSync } from "node:fs";

const [url, key] = process.argv.slice(2);
const messages = JSON.parse(readFileSync(0, "utf8"));
const socket = new WebSocket(url, { headers: { Authorization: `Bearer ${key}` } });
const summary = { frames: 0, text: 0, odd: 0, largest: 0, widestGap: 0, extensions: null, close: null };
let last = null;

socket.on("open", () => {
  summary.extensions = socket.extensions;
  for (const message of messages) socket.send(message);
});
socket.on("message", (data, isBinary) => {
  const now = performance.now();
  if (last !== null) summary.widestGap = Math.max(summary.widestGap, now - last);
  last = now;
  summary.frames += 1;
  if (!isBinary) summary.text += 1;
  if (data.length % 2) summary.odd += 1;
  summary.largest = Math.max(summary.largest, data.length);
  for (let sent = 0; sent < data.length; ) sent += writeSync(1, data, sent);
});
socket.on("close", (code) => {
  summary.close = code;
  console.error(JSON.stringify(summary));
});
socket.on("unexpected-response", (_request, response) => {
  console.error(JSON.stringify({ status: response.statusCode }));
  process.exit(1);
});
