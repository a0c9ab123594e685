"""The sandbox's own credentials, made anew at each start and worth nothing anywhere else.

The pair of keys alone is that of the process: making one takes longer than all else at a start.
"""

import os
import secrets
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass(frozen=True)
class Secrets:
    """What a client needs to log in to either platform, and the key its JWT assertions are checked with."""

    shopify_client_id: str
    shopify_client_secret: str = field(repr=False)
    shopify_access_token: str = field(repr=False)
    salesforce_client_id: str
    salesforce_client_secret: str = field(repr=False)
    salesforce_access_token: str = field(repr=False)
    salesforce_username: str
    salesforce_org_id: str
    private_key_file: Path
    public_key: str


def make_secrets(folder: Path) -> Secrets:
    """Make fresh credentials; the private key for the JWT flow goes to a file in `folder`, mode 0600."""
    private_pem, public_pem = _pair_of_keys()
    private_key_file = folder / "salesforce_private_key.pem"
    with os.fdopen(os.open(private_key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(private_pem)
    org_id = "00D5g00000Zaise"
    return Secrets(
        shopify_client_id=secrets.token_hex(16),
        shopify_client_secret="shpss_" + secrets.token_hex(16),
        shopify_access_token="shpat_" + secrets.token_hex(16),
        salesforce_client_id="3MVG9" + secrets.token_hex(40),
        salesforce_client_secret=secrets.token_hex(32).upper(),
        salesforce_access_token=f"{org_id}!AQ{secrets.token_hex(40)}",
        salesforce_username="integration@zaiseki-sandbox.example.com",
        salesforce_org_id=org_id,
        private_key_file=private_key_file,
        public_key=public_pem.decode(),
    )


@cache
def _pair_of_keys() -> tuple[bytes, bytes]:
    """The private and the public key, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public_pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private_pem, public_pem
