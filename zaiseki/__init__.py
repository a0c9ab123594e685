"""The application: command line, settings, the run, its balance sheet. `run.py` tells the whole story."""
