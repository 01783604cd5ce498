"""A self-hosted, real-time text-to-speech server that speaks Rime's plain-text WebSocket API."""
