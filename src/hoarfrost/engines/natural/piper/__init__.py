"""The family of Piper voices (VITS): stock models, cut so that they stream."""
