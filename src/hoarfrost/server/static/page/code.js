// The settings of the moment as programs. Keys are named, never written out.

import { $, options } from "./dom.js";

const query = (given) => new URLSearchParams(given).toString();
const quote = (text) => JSON.stringify(text);
const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const http = location.origin;
const ws = http.replace(/^http/, "ws");

const DIALECTS = {
  Python: (given, text) => `import asyncio, os
import websockets

URL = ${quote(`${ws}/ws?${query(given)}`)}

async def main():
    headers = {"Authorization": f"Bearer {os.environ['HOARFROST_API_KEY']}"}
    async with websockets.connect(URL, additional_headers=headers) as socket:
        await socket.send(${quote(text)})
        await socket.send("<EOS>")
        with open("speech.${given.audioFormat}", "wb") as file:
            async for audio in socket:
                file.write(audio)

asyncio.run(main())`,
  JavaScript: (given, text) => `import { connect, Player } from ${quote(`${http}/client/hoarfrost.js`)};

// In the handler of a click. getTicket: your own backend, which has the key, asks POST /tickets.
const player = await Player.open({ rate: ${given.samplingRate} });
const speech = await connect({
  player,
  getTicket: async () => (await fetch("/my-ticket", { method: "POST" })).text(),
${Object.entries(given).map(([name, value]) => `  ${name}: ${quote(value)},`).join("\n")}
});
speech.send(${quote(text)});
speech.flush();`,
  curl: (given, text) => {
    const { speaker, audioFormat, samplingRate, lang, speedAlpha } = given;
    const type = { pcm: "audio/pcm", mulaw: "audio/x-mulaw", wav: "audio/wav", mp3: "audio/mp3" }[audioFormat];
    const body = { text, speaker, modelId: "mistv3", samplingRate: Number(samplingRate) };
    if (lang) body.lang = lang;
    if (speedAlpha) body.speedAlpha = Number(speedAlpha);
    return `curl -N ${http}/v1/rime-tts -o speech.${audioFormat} \\
  -H "Authorization: Bearer $HOARFROST_API_KEY" \\
  -H "Content-Type: application/json" -H "Accept: ${type}" \\
  -d ${shell(JSON.stringify(body))}`;
  },
  pipecat: (given) => `import os
from pipecat.services.rime.tts import RimeNonJsonTTSService

tts = RimeNonJsonTTSService(
    api_key=os.environ["HOARFROST_API_KEY"],
    url=${quote(`${ws}/ws`)},
    sample_rate=${given.samplingRate},
    settings=RimeNonJsonTTSService.Settings(voice=${quote(given.speaker)}, model="mistv3"),
)`,
  LiveKit: (given) => `import os
from livekit.plugins import rime

tts = rime.TTS(
    api_key=os.environ["HOARFROST_API_KEY"],
    base_url=${quote(`${http}/v1/rime-tts`)},
    model="mistv3",
    speaker=${quote(given.speaker)},
    sample_rate=${given.samplingRate},
)`,
};

function show() {
  const text = $("text").value;
  $("code").textContent = DIALECTS[$("dialect").value](options(), text);
}

export function begin() {
  document.addEventListener("input", show);
  document.addEventListener("change", show);
  $("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText($("code").textContent);
      $("copied").textContent = "copied";
    } catch {
      getSelection().selectAllChildren($("code"));
      $("copied").textContent = "selected; copy it with the keyboard";
    }
  });
  show();
}
