"""The one model: normalise what the platforms sent, store it, and find out which records are one person."""
