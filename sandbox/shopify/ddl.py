"""The tables that no scenario file names by its columns, and the indexes of all."""

OTHER_TABLES = (
    """
    CREATE TABLE shopify_metafields (id INTEGER PRIMARY KEY, owner_type TEXT NOT NULL,
    owner_id INTEGER NOT NULL, namespace TEXT NOT NULL, key TEXT NOT NULL, type TEXT NOT NULL,
    value TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    UNIQUE (owner_type, owner_id, namespace, key))
    """,
    """
    CREATE TABLE shopify_metafield_definitions (id INTEGER PRIMARY KEY, owner_type TEXT NOT NULL,
    namespace TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, description TEXT, type TEXT NOT NULL,
    validations TEXT NOT NULL DEFAULT '[]', pinned_position INTEGER, storefront TEXT NOT NULL DEFAULT 'NONE',
    customer_account TEXT NOT NULL DEFAULT 'NONE', admin_filterable INTEGER NOT NULL DEFAULT 0,
    analytics_queryable INTEGER NOT NULL DEFAULT 0, unique_values INTEGER NOT NULL DEFAULT 0,
    UNIQUE (owner_type, namespace, key))
    """,
    """
    CREATE TABLE shopify_segments (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, query TEXT NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL)
    """,
    """
    CREATE TABLE shopify_bulk_operations (id INTEGER PRIMARY KEY, type TEXT NOT NULL, query TEXT NOT NULL,
    status TEXT NOT NULL, error_code TEXT, created_at TEXT NOT NULL, completed_at TEXT,
    object_count INTEGER NOT NULL DEFAULT 0, root_object_count INTEGER NOT NULL DEFAULT 0,
    file_size INTEGER, url TEXT, partial_url TEXT)
    """,
    """
    CREATE TABLE shopify_merges (job_id TEXT PRIMARY KEY, kept_id INTEGER NOT NULL)
    """,
)

INDEXES = (
    "CREATE INDEX IF NOT EXISTS shopify_customers_updated ON shopify_customers (updated_at)",
    "CREATE INDEX IF NOT EXISTS shopify_customers_created ON shopify_customers (created_at)",
    "CREATE INDEX IF NOT EXISTS shopify_orders_updated ON shopify_orders (updated_at)",
    "CREATE INDEX IF NOT EXISTS shopify_orders_created ON shopify_orders (created_at)",
    "CREATE INDEX IF NOT EXISTS shopify_orders_processed ON shopify_orders (processed_at)",
    "CREATE INDEX IF NOT EXISTS shopify_orders_customer ON shopify_orders (customer_id, processed_at)",
    "CREATE INDEX IF NOT EXISTS shopify_order_lines_order ON shopify_order_lines (order_id)",
    "CREATE INDEX IF NOT EXISTS shopify_returns_order ON shopify_returns (order_id)",
    "CREATE INDEX IF NOT EXISTS shopify_return_lines_return ON shopify_return_lines (return_id)",
    "CREATE INDEX IF NOT EXISTS shopify_refunds_order ON shopify_refunds (order_id)",
    "CREATE INDEX IF NOT EXISTS shopify_abandoned_checkouts_customer"
    " ON shopify_abandoned_checkouts (customer_id)",
    "CREATE INDEX IF NOT EXISTS shopify_draft_orders_customer ON shopify_draft_orders (customer_id)",
)
