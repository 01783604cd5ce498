"""The acoustic model: phonemes → states of frames → pitch contour and mel spectrum.

Durations and the pitch of whole tokens come from `prosody`; in training they are the reader's own.
"""

from dataclasses import asdict

import torch
from torch import Tensor, nn

from training.config import N_FEATURES, N_MELS, VOWEL_STRESSES, AcousticSize
from training.layers import Block


class Acoustic(nn.Module):
    """Token encoder, frame states, contour head and mel decoder."""

    mel_mean: Tensor
    mel_std: Tensor
    pitch_mean: Tensor
    pitch_std: Tensor

    def __init__(
        self, n_symbols: int, size: AcousticSize | None = None, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.size = size = size or AcousticSize()
        tokens, frames, mels = size.encoder, size.contour, size.decoder
        self.symbol = nn.Embedding(n_symbols, tokens)
        self.stress = nn.Embedding(VOWEL_STRESSES, tokens)
        self.feature = nn.Linear(N_FEATURES, tokens)
        nn.init.normal_(self.symbol.weight, std=0.5)
        nn.init.normal_(self.stress.weight, std=0.3)
        self.encoder = nn.ModuleList(
            Block(tokens, 7, 3, dropout) for _ in range(size.encoder_blocks)
        )
        self.encoder_norm = nn.LayerNorm(tokens)
        self.token_pitch = nn.Linear(1, tokens)
        self.position = nn.Linear(4, tokens)
        self.contour_entry = nn.Linear(tokens, frames)
        self.contour_blocks = nn.ModuleList(
            Block(frames, 7, 2, dropout) for _ in range(size.contour_blocks)
        )
        self.contour_norm = nn.LayerNorm(frames)
        self.contour_head = nn.Linear(frames, 2)
        self.decoder_entry = nn.Linear(tokens + 2, mels)
        self.decoder_blocks = nn.ModuleList(
            Block(mels, 7, 2, dropout / 2) for _ in range(size.decoder_blocks)
        )
        self.decoder_norm = nn.LayerNorm(mels)
        self.decoder_head = nn.Linear(mels, N_MELS)
        self.exporting = False
        """Set while a graph is traced, of a batch of one: it then picks rows, which is faster."""
        self.register_buffer("mel_mean", torch.zeros(N_MELS))
        self.register_buffer("mel_std", torch.ones(N_MELS))
        self.register_buffer("pitch_mean", torch.tensor(5.07))
        self.register_buffer("pitch_std", torch.tensor(0.17))

    def settings(self) -> dict[str, int]:
        """The sizes, to be stored beside the weights."""
        return asdict(self.size)

    def encode(
        self, symbols: Tensor, stress: Tensor, features: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """States of tokens.

        Args:
            symbols: int64, shape (batch, tokens).
            stress: int64 in 0 … 2, same shape.
            features: float32, shape (batch, tokens, N_FEATURES), from `phonemes.token_features`.
            mask: 1 where a token is real, shape (batch, tokens, 1).
        """
        x: Tensor = self.symbol(symbols) + self.stress(stress) + self.feature(features)
        x = x if mask is None else x * mask
        for block in self.encoder:
            x = block(x, mask)
        x = self.encoder_norm(x)
        return x if mask is None else x * mask

    def spread(
        self, states: Tensor, pitch: Tensor, layout: tuple[Tensor, Tensor, Tensor]
    ) -> Tensor:
        """States of frames: each frame its token's state, pitch and place.

        Args:
            states: From `encode`.
            pitch: Mean pitch of each token in standard deviations, shape (batch, tokens).
            layout: For each frame its token (int64), its place in the token in 0 … 1, and the
                token's length in frames; each of shape (batch, frames).
        """
        token, place, length = layout
        x = states + self.token_pitch(pitch[..., None])
        if self.exporting:
            x = x[:, token[0]]
        else:
            x = torch.gather(x, 1, token[..., None].expand(*token.shape, states.shape[2]))
        edge = torch.minimum(place * length, (1 - place) * length) * 0.25
        places = torch.stack([place, place * place, edge, torch.log(length + 1) * 0.5], -1)
        frames: Tensor = x + self.position(places)
        return frames

    def contour(self, frames: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Pitch of frames relative to their token's (standard deviations), and a voicing logit."""
        x = self.contour_entry(frames)
        x = x if mask is None else x * mask
        for block in self.contour_blocks:
            x = block(x, mask)
        x = self.contour_head(self.contour_norm(x))
        return x[..., 0], x[..., 1]

    def decode(
        self, frames: Tensor, pitch: Tensor, voiced: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Log mel of frames, from states, pitch (standard deviations) and voicing (0 or 1)."""
        x = self.decoder_entry(torch.cat([frames, pitch[..., None], voiced[..., None]], -1))
        x = x if mask is None else x * mask
        for block in self.decoder_blocks:
            x = block(x, mask)
        mel: Tensor = self.decoder_head(self.decoder_norm(x)) * self.mel_std + self.mel_mean
        return mel

    def decoder_parameters(self) -> list[nn.Parameter]:
        """The weights behind the frame states, the part that joint training moves."""
        return [p for name, p in self.named_parameters() if name.startswith("decoder_")]
