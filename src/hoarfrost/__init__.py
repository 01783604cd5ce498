"""A self-hosted, real-time text-to-speech server that speaks Rime's plain-text WebSocket API.

The packages in the order in which a client's text passes through them (``docs/tour.md`` runs):

- `hoarfrost.protocol` translates: a codec for each wire protocol, the query, the key.
- `hoarfrost.dialogue` decides: one state machine for one conversation, its events, options and
  outputs. Start reading here.
- `hoarfrost.text` cuts text into segments, and reads their markup into scripts.
- `hoarfrost.render` makes a script into packets: an engine's samples through `hoarfrost.audio`.
- `hoarfrost.synthesis` is the port that engines plug into; `hoarfrost.engines` are those that come
  with the package, `hoarfrost.espeak` is a library that two of them share.
- `hoarfrost.offline` and `hoarfrost.session` drive all that: the one at once, the other over
  sockets, with threads and a clock.
- `hoarfrost.server` puts it on a port, `hoarfrost.client` is the other end of the wire, and
  `hoarfrost.cli` is both on the command line.

Nothing is imported from here: name the module that you mean.
"""

import os

# onnxruntime reads this when it is imported, and from then on writes a device id and a queue of
# events into the home folder and sends them to its maker (1.29 and later); nothing that is called
# afterwards stops it. So it is set here, which runs before any module of this package, and it is
# set whatever the environment says: a server that runs offline must not look up a name.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
