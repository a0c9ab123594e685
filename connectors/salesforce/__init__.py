"""Salesforce: people and their purchases in, our fields out."""

from connectors.salesforce.auth import SalesforceAccess
from connectors.salesforce.connector import SalesforceConnector

__all__ = ["SalesforceAccess", "SalesforceConnector"]
