"""Shopify's Admin API: customers and orders in, metafields of customers out."""

from connectors.shopify.auth import ShopifyAccess
from connectors.shopify.connector import ShopifyConnector

__all__ = ["ShopifyAccess", "ShopifyConnector"]
