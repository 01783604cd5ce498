"""The composition root: settings become engines, engines a server.

In: `Settings`. Out: a running server, or one clear error. Invariant: everything that can be wrong
with the settings is found before the port is opened.
"""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route, WebSocketRoute

from hoarfrost.errors import VoiceFault
from hoarfrost.server import http, rime_pages
from hoarfrost.server.gauges import Gauges
from hoarfrost.server.grpc_port import grpc_port
from hoarfrost.server.keys import KeyStore
from hoarfrost.server.lexicons import LexiconFolder
from hoarfrost.server.limits.quotas import Quotas
from hoarfrost.server.metrics import Metrics
from hoarfrost.server.origins import OpenDoorGuard
from hoarfrost.server.page import page_routes
from hoarfrost.server.reloading import reload
from hoarfrost.server.request_protocol import HEAD_LIMIT, RequestProtocol
from hoarfrost.server.services import STOP_TIMEOUT, Services
from hoarfrost.server.serving import SHUTDOWN_PATIENCE, Server
from hoarfrost.server.session_log import log_event
from hoarfrost.server.settings import Settings, engine_defaults
from hoarfrost.server.speakers import check_speakers
from hoarfrost.server.speech import list_models, make_openai_speech, make_rime_speech
from hoarfrost.server.uvicorn_protocols import SocketProtocol
from hoarfrost.server.voice_watch import VoiceWatch
from hoarfrost.server.websocket import make_endpoint
from hoarfrost.session.capacity import Capacity
from hoarfrost.session.costs import VoiceCosts
from hoarfrost.session.events import tell_all
from hoarfrost.session.limits import ConnectionLimit
from hoarfrost.session.loading import Loader
from hoarfrost.session.scheduler import Scheduler
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.synthesis.registry import load_engines
from hoarfrost.units import Seconds

log = logging.getLogger("hoarfrost.server")

MAX_FRAME_BYTES = 256 * 1024
"""Four times the text a connection may hold: beyond it a frame is refused before it is read."""

PEER_PATIENCE: Seconds = 40
"""How long a peer may leave sent bytes unacknowledged, a ping for one, before it counts as gone.

The kernel's own timeout, not that of pings: a pong stands in line behind audio that a slow reader
has not read, and a client that reads only as fast as it plays is alive.
"""

UNSENT_BYTES = 16 * 1024
"""What the kernel may hold of a connection's audio before it is on the wire.

It would take up to 4 MB for a client that reads slowly: minutes of audio that `<CLEAR>` cannot
reach. It does not limit what is on the wire, and so not the throughput.
"""


def build_services(settings: Settings) -> Services:
    """Load the engines and everything else that requests need.

    Raises:
        VoiceFault: If an engine that was asked for cannot be loaded, or none can.
        ValueError: If an alias points nowhere, or a setting names a voice that is not there.
    """
    engines = load_engines(
        settings.engines, settings.engine_options, defaults=engine_defaults(settings)
    )
    for name, failure in engines.failures.items():
        log.warning("engine %s is left out: %s", name, failure)
    watch: VoiceWatch | None = None
    try:
        watch = VoiceWatch(engines.voices)
        if not watch.voices():
            raise VoiceFault("expected at least one engine with a voice, got none")
        catalogue = Catalogue(watch.voices, overrides=settings.aliases)
        check_speakers(settings, catalogue)
        keys = KeyStore(settings.keys_file) if settings.auth else None
        metrics = Metrics()
        scheduler = Scheduler(settings.workers)
        quotas = Quotas(settings.limits, settings.key_limits, time.monotonic)
        services = Services(
            settings=settings,
            engines=engines,
            catalogue=catalogue,
            keys=keys,
            limit=ConnectionLimit(
                settings.max_connections,
                settings.max_connections_per_key,
                lambda key_id: quotas.of(key_id).connections,
            ),
            capacity=_make_capacity(settings, scheduler),
            scheduler=scheduler,
            watch=watch,
            loader=Loader(engines),
            listener=tell_all(log_event, metrics.listen),
            metrics=metrics,
            lexicons=LexiconFolder(settings.lexicons_dir),
            quotas=quotas,
        )
        metrics.include(Gauges(services))
    except BaseException:
        if watch is not None:
            watch.close(timeout=STOP_TIMEOUT)
        engines.close()
        raise
    return services


def _make_capacity(settings: Settings, scheduler: Scheduler) -> Capacity:
    def busy() -> float:
        load = scheduler.load()
        return load.n_busy / load.n_workers

    return Capacity(
        settings.workers,
        VoiceCosts(busy),
        time.monotonic,
        share=settings.capacity_share,
        is_enforced=settings.admission,
    )


def build_app(services: Services) -> Starlette:
    """Return the ASGI application. It closes the services when it is shut down."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        watches = [
            asyncio.create_task(watch)
            for watch in (services.watch_keys(), services.watch_sessions())
        ]
        try:
            async with grpc_port(services):
                yield
        finally:
            for watch in watches:
                watch.cancel()
            await asyncio.wait(watches)
            services.close()

    rime_speech = make_rime_speech(services)
    return Starlette(
        routes=[
            WebSocketRoute("/{path:path}", make_endpoint(services)),
            *(Route(path, http.demand_upgrade) for path in ("/ws", "/ws2", "/ws3")),
            *page_routes(asks_for_key=services.keys is not None),
            Route("/tickets", http.make_tickets(services), methods=["POST"]),
            Route("/", rime_speech, methods=["POST"]),
            Route("/v1/rime-tts", rime_speech, methods=["POST"]),
            Route("/v1/audio/speech", make_openai_speech(services), methods=["POST"]),
            Route("/v1/models", list_models),
            Route("/data/voices/all-v2.json", rime_pages.make_voices_by_language(services)),
            Route("/data/voices/all.json", rime_pages.make_all_voices(services)),
            Route("/data/voices/voice_details.json", rime_pages.make_voice_details(services)),
            Route("/health", rime_pages.make_health(services)),
            Route("/textnorm", rime_pages.make_normalize(services), methods=["POST"]),
            Route("/oov", rime_pages.make_out_of_vocabulary(services), methods=["POST"]),
            Route("/phonemize", rime_pages.phonemize, methods=["POST"]),
            Route("/usage/recent-history", rime_pages.usage),
            Route("/livez", http.live),
            Route("/voices", http.make_voices(services)),
            Route("/healthz", http.live),
            Route("/readyz", http.make_ready(services)),
            Route("/metrics", http.make_metrics(services)),
        ],
        middleware=_middleware(services),
        lifespan=lifespan,
    )


def _middleware(services: Services) -> list[Middleware]:
    """Return what stands before every request: for pages of other origins, and against them."""
    allowed = services.settings.allowed_origins
    layers = []
    if services.keys is None:
        layers.append(Middleware(OpenDoorGuard, allowed=allowed, listener=services.listener))
    if allowed:
        layers.append(
            Middleware(
                CORSMiddleware,
                allow_origins=allowed,
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization", "Content-Type"],
            )
        )
    return layers


def serve(
    settings: Settings,
    announce: Callable[[Services, str], None],
    *,
    prepare: Callable[[Services], None] = lambda _services: None,
    read_again: Callable[[], Settings] | None = None,
) -> None:
    """Run a server until it is stopped by a signal.

    Args:
        settings: How.
        announce: Called with the services and the server's address, as ``HOST:PORT``, as soon as
            it is ready: clients can connect, and voices are loaded.
        prepare: Called with the services when the port is open, before anybody is answered; what
            it raises ends the start.
        read_again: Reads the settings anew, for SIGHUP; None for the same ones.

    Raises:
        HoarfrostError: If the settings cannot be served.
        OSError: If the port cannot be opened.
    """
    services = build_services(settings)
    try:
        listener = open_port(settings.host, settings.port)
    except OSError:
        services.close()
        raise
    with listener:
        address = address_of(listener)
        try:
            prepare(services)
        except BaseException:
            services.close()
            raise
        server = make_server(
            services,
            lambda: announce(services, address),
            reload=lambda: reload(services, read_again or (lambda: settings)),
        )
        server.run(sockets=[listener])


def make_server(
    services: Services,
    on_ready: Callable[[], None],
    reload: Callable[[], None] = lambda: None,
) -> uvicorn.Server:
    """Return the server that runs the application; it is stopped by its ``should_exit``."""
    config = uvicorn.Config(
        build_app(services),
        http=RequestProtocol,
        ws=SocketProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=services.settings.ping_interval_s,
        ws_ping_timeout=None,  # see PEER_PATIENCE
        access_log=False,
        log_config=None,
        server_header=False,
        ssl_certfile=services.settings.tls_cert,
        ssl_keyfile=services.settings.tls_key,
        timeout_graceful_shutdown=int(SHUTDOWN_PATIENCE),
        h11_max_incomplete_event_size=HEAD_LIMIT,
    )
    return Server(config, services, on_ready, reload)


def open_port(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 lets the system choose one.

    Raises:
        OSError: If the address cannot be used.
    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.create_server(address[:2], family=family, backlog=2048)
    # Connections inherit both. Systems that lack one do without.
    for name, value in {
        "TCP_USER_TIMEOUT": round(PEER_PATIENCE * 1000),
        "TCP_NOTSENT_LOWAT": UNSENT_BYTES,
    }.items():
        if hasattr(socket, name):
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return listener


def address_of(listener: socket.socket) -> str:
    """Return ``HOST:PORT`` of a listening socket, an IPv6 host in brackets."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
