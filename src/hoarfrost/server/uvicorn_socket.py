"""uvicorn's WebSocket protocol, with two defects mended."""

from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class SocketProtocol(WebSocketsSansIOProtocol):
    """Takes two ordinary ends of a connection for what they are.

    As of uvicorn 0.54, a refusal with a response of its own counts as a handshake left open, and is
    logged as an error; and sending on a connection that uvicorn has closed, after a broken frame
    say, is answered as a defect of the application.
    """

    async def send(self, message: Any) -> None:
        """Send an ASGI message.

        Raises:
            ClientDisconnected: If the connection is closed.
        """
        if self.handshake_complete and self.close_sent:
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True
