"""The demo's scenario: real purchases of 23,570 people, spread over two platforms by fixed rules.

Days and amounts are CDNOW's (see data/README.md); people, hours and codes are invented with a fixed seed.
"""
