"""What all connections of a server share before anybody is known."""

import asyncio
from typing import Final

from uvicorn.server import ServerState

from hoarfrost.server.limits.allowance import Allowances
from hoarfrost.server.limits.peers import Peers
from hoarfrost.server.limits.turns import Turns
from hoarfrost.units import Seconds

REQUEST_BURST: Final = 500.0
"""Units (see `Turns`) of an address for plain requests, at once: a hundred requests."""

REQUEST_RATE: Final = 200.0
"""The same, a second, from then on. More are answered as the turns of the loop allow."""

STALL_PATIENCE: Final[Seconds] = 30
"""How long a peer may read nothing while 64 KiB and more wait for it; then it counts as gone."""


class Front:
    """Connections, the loop's turns and each address's allowance of requests.

    Args:
        loop: Where the server runs.
        peers: The connections there are.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, peers: Peers) -> None:
        self.peers = peers
        self.turns = Turns(loop)
        self.requests = Allowances(REQUEST_BURST, REQUEST_RATE)


class GuardedState(ServerState):
    """uvicorn's state of a server, and what all its connections share beside.

    Args:
        front: That.
    """

    def __init__(self, front: Front) -> None:
        super().__init__()
        self.front = front
