// The page, put together. Read on: session, speak, timeline, transcript, callers, voices, code.

import * as callers from "./callers.js";
import * as code from "./code.js";
import * as session from "./session.js";
import * as speak from "./speak.js";
import * as voices from "./voices.js";

session.begin();
speak.begin();
callers.begin();
await voices.begin();
code.begin();
document.documentElement.dataset.ready = "yes"; // for whoever drives the page, as tests do
