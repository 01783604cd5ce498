"""uvicorn's WebSocket protocol, with one defect mended."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class SocketProtocol(WebSocketsSansIOProtocol):
    """Does not log an error for every upgrade that is refused with a response of its own.

    As of uvicorn 0.54 such a response counts as a handshake left open, though it ends the request.
    """

    async def send(self, message: Any) -> None:
        """Send an ASGI message."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True
