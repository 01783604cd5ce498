"""Voices of the `hibari-tts` package: its networks, cut so that they stream.

Read `speaker` first.
"""
