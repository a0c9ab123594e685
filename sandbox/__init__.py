"""A local Shopify and a local Salesforce to try, test and measure against: real protocols, invented data."""
