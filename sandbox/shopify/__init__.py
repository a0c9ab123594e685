"""A local Shopify Admin API: GraphQL and some REST over a SQLite file, held to what the real one does."""
