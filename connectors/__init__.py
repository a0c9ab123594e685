"""Everything that knows a platform's words, and nothing else does.

`base` holds what a connector promises; `shopify` and `salesforce` keep the promise and never import
each other. Rows leave a connector as the platform sent them; `sync.normalise_*` is where those words stop.
"""
