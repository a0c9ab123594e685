"""Salesforce: Contacts and Orders in, our fields on Contacts out."""

from connectors.salesforce.auth import SalesforceAccess
from connectors.salesforce.connector import SalesforceConnector

__all__ = ["SalesforceAccess", "SalesforceConnector"]
