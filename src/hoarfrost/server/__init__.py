"""The server: settings, keys, HTTP and WebSocket endpoints, put together in `app`.

Read `app` first, then `websocket`. Only this package knows Starlette and uvicorn.
"""
